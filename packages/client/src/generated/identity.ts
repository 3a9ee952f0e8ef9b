/** Generated from docs/api/public/identity.json by `npm run fix`. */
export interface paths {
    "/.well-known/jwks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The public keys of this service's signatures, former ones included (JWK Set, RFC 7517)
         * @description For everybody.
         */
        get: operations["showKeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Registers a customer whose domain the operator vouches for; its secrets are shown once
         * @description For the permission `tenants:create`: support, operator, or an API key with this scope.
         */
        post: operations["createTenant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A customer, for its owners and the operator
         * @description For the permission `tenants:read`: owner, admin, developer, dpo, reader, support, privacy-officer, operator, or an API key with this scope.
         */
        get: operations["readTenant"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/domains": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A tenant's sender domains
         * @description For the permission `domains:read`: owner, admin, developer, dpo, reader, support, operator, or an API key with this scope.
         */
        get: operations["listDomains"];
        put?: never;
        /**
         * Gives a tenant a sender domain that the operator vouches for
         * @description For the permission `domains:create`: support, operator, or an API key with this scope.
         */
        post: operations["createDomain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/domains/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Removes a sender domain: mail from it is no longer accepted
         * @description For the permission `domains:write`: owner, admin, support, operator, or an API key with this scope.
         */
        delete: operations["deleteDomain"];
        options?: never;
        head?: never;
        /**
         * Sets who signs a domain's mail: we, or the customer before submission
         * @description For the permission `domains:write`: owner, admin, support, operator, or an API key with this scope.
         */
        patch: operations["changeDomain"];
        trace?: never;
    };
    "/v1/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A tenant's credentials, without their secrets
         * @description For the permission `credentials:read`: owner, admin, developer, dpo, reader, support, operator, or an API key with this scope.
         */
        get: operations["listCredentials"];
        put?: never;
        /**
         * Creates a credential: a user name and password, shown once, or a network
         * @description For the permission `credentials:write`: owner, admin, developer, support, operator, or an API key with this scope. A person needs a fresh second factor.
         */
        post: operations["createCredential"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/credentials/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revokes a credential, also in open sessions
         * @description For the permission `credentials:write`: owner, admin, developer, support, operator, or an API key with this scope. A person needs a fresh second factor.
         */
        delete: operations["deleteCredential"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A tenant's tokens without their secrets; for an operator who names none, the operators'
         * @description For the permission `tokens:read`: owner, admin, developer, dpo, reader, support, operator, or an API key with this scope.
         */
        get: operations["listTokens"];
        put?: never;
        /**
         * Creates an API key, shown once: a tenant's (only by the tenant), or an operator's (only by an operator)
         * @description For the permission `tokens:write`: owner, admin, developer, operator. A person needs a fresh second factor.
         */
        post: operations["createToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Creates the successor of an API key, shown once; the key itself stays valid for some hours
         * @description For the permission `tokens:write`: owner, admin, developer, operator. A person needs a fresh second factor.
         */
        post: operations["rotateToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revokes a token, in every service
         * @description For the permission `tokens:write`: owner, admin, developer, operator. A person needs a fresh second factor.
         */
        delete: operations["deleteToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accesses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Opens an access of this operator to the data of a tenant; the tenant sees it, and everything that is read
         * @description For the permission `accesses:write`: support, on-call, privacy-officer, operator. A person needs a fresh second factor.
         */
        post: operations["openAccess"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accesses/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Ends an access of this operator before its time
         * @description For the permission `accesses:write`: support, on-call, privacy-officer, operator. A person needs a fresh second factor.
         */
        delete: operations["closeAccess"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/access-log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What operators saw of the tenant and did to it, newest first
         * @description For the permission `access-log:read`: owner, dpo, or an API key with this scope.
         */
        get: operations["readAccessLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Problem: {
            /** @description A stable URN of ours, for programs to compare */
            type: string;
            title: string;
            status: number;
            detail?: string;
            /** @description The invalid fields, with reasons */
            issues?: {
                path: string;
                message: string;
            }[];
        } & {
            [key: string]: unknown;
        };
    };
    responses: {
        /** @description The request is not valid */
        "invalid-request": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many requests */
        "rate-limited": {
            headers: {
                /** @description Seconds after which to retry */
                "retry-after": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description An internal error occurred */
        internal: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A valid bearer token is required */
        unauthenticated: {
            headers: {
                /** @description Bearer */
                "www-authenticate": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not found */
        "not-found": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not possible in the current state */
        conflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request body is too large */
        "too-large": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The type of the request body is not supported */
        "unsupported-media-type": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Temporarily unavailable. Retry later */
        unavailable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A second factor is required that was presented within the last five minutes */
        "fresh-factor-required": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    showKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        keys: {
                            /** @constant */
                            kty: "OKP";
                            /** @constant */
                            crv: "Ed25519";
                            x: string;
                            kid: string;
                            /** @constant */
                            alg: "EdDSA";
                            /** @constant */
                            use: "sig";
                            /** @enum {string} */
                            service?: "ingress" | "delivery" | "logging" | "identity" | "privacy";
                            nbf?: number;
                            exp?: number;
                        }[];
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
        };
    };
    createTenant: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Example Ltd",
                 *       "domain": "example.org",
                 *       "owner": "owner@example.org"
                 *     }
                 */
                "application/json": {
                    /** @description One line of text */
                    name: string;
                    domain: string;
                    /** Format: email */
                    owner?: string;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "tenant": {
                     *         "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *         "name": "Example Ltd",
                     *         "domain": "example.org"
                     *       },
                     *       "ownerToken": "mysmtp_TOKEN",
                     *       "credential": {
                     *         "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *         "username": "mys_abcdefghijklmnop",
                     *         "password": "a2b3c4d5e6f7a2b3c4d5e6f7a2b3c4d5"
                     *       }
                     *     }
                     */
                    "application/json": {
                        tenant: {
                            id: string;
                            name: string;
                            domain: string;
                        };
                        ownerToken: string;
                        credential: {
                            id: string;
                            username: string;
                            password: string;
                        };
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            404: components["responses"]["not-found"];
            409: components["responses"]["conflict"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    readTenant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "tenant": {
                     *         "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *         "name": "Example Ltd",
                     *         "owner": null,
                     *         "status": "active",
                     *         "createdAt": "2026-01-31T12:00:00.000Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        tenant: {
                            id: string;
                            name: string;
                            owner: string | null;
                            /** @enum {string} */
                            status: "active" | "suspended";
                            /** Format: date-time */
                            createdAt: string;
                        };
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            404: components["responses"]["not-found"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    listDomains: {
        parameters: {
            query?: {
                tenant?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "domains": [
                     *         {
                     *           "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "name": "example.org",
                     *           "signing": "ours"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        domains: {
                            id: string;
                            name: string;
                            /** @enum {string} */
                            signing: "ours" | "customer";
                        }[];
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            404: components["responses"]["not-found"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    createDomain: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "tenant": "0f8fad5b-d9cb-469f-a165-70867728950e",
                 *       "name": "example.org"
                 *     }
                 */
                "application/json": {
                    tenant: string;
                    name: string;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *       "name": "example.org",
                     *       "signing": "ours"
                     *     }
                     */
                    "application/json": {
                        id: string;
                        name: string;
                        /** @enum {string} */
                        signing: "ours" | "customer";
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            404: components["responses"]["not-found"];
            409: components["responses"]["conflict"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    deleteDomain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            404: components["responses"]["not-found"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    changeDomain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "signing": "customer"
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    signing: "ours" | "customer";
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *       "name": "example.org",
                     *       "signing": "customer"
                     *     }
                     */
                    "application/json": {
                        id: string;
                        name: string;
                        /** @enum {string} */
                        signing: "ours" | "customer";
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            404: components["responses"]["not-found"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    listCredentials: {
        parameters: {
            query?: {
                tenant?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "credentials": [
                     *         {
                     *           "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "type": "network",
                     *           "label": "printers",
                     *           "network": "192.0.2.0/28",
                     *           "createdAt": "2026-01-31T12:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        credentials: {
                            id: string;
                            /** @enum {string} */
                            type: "password" | "network";
                            label: string | null;
                            username?: string;
                            network?: string;
                            /** Format: date-time */
                            createdAt: string;
                        }[];
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            404: components["responses"]["not-found"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    createCredential: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "label": "web shop"
                 *     }
                 */
                "application/json": {
                    /** @description One line of text */
                    label?: string;
                    /** @description Only an operator may name one */
                    network?: string;
                    tenant?: string;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *       "username": "mys_abcdefghijklmnop",
                     *       "password": "a2b3c4d5e6f7a2b3c4d5e6f7a2b3c4d5"
                     *     }
                     */
                    "application/json": {
                        id: string;
                        username: string;
                        password: string;
                    } | {
                        id: string;
                        network: string;
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["fresh-factor-required"];
            404: components["responses"]["not-found"];
            409: components["responses"]["conflict"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    deleteCredential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["fresh-factor-required"];
            404: components["responses"]["not-found"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    listTokens: {
        parameters: {
            query?: {
                tenant?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "tokens": [
                     *         {
                     *           "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "role": "owner",
                     *           "createdAt": "2026-01-31T12:00:00.000Z",
                     *           "name": null,
                     *           "label": "dashboard",
                     *           "scopes": [
                     *             "messages:read"
                     *           ],
                     *           "domain": null,
                     *           "networks": [
                     *             "192.0.2.0/28"
                     *           ],
                     *           "expiresAt": null,
                     *           "lastUsedAt": "2026-01-31T12:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        tokens: {
                            id: string;
                            /** @enum {string} */
                            role: "owner" | "operator";
                            /** Format: date-time */
                            createdAt: string;
                            /** @description Of an operator's key */
                            name: string | null;
                            /** @description Of a tenant's key */
                            label: string | null;
                            /** @description `null`: all permissions of its role */
                            scopes: ("tenants:create" | "tenants:read" | "domains:create" | "domains:read" | "domains:write" | "dkim:read" | "credentials:read" | "credentials:write" | "networks:create" | "tokens:read" | "access-log:read" | "messages:read" | "held:read" | "held:settle" | "dead-letters:read" | "dead-letters:settle" | "keyring:read" | "keyring:rotate" | "erasures:read" | "erasures:request")[] | null;
                            /** @description The one domain to which it is limited */
                            domain: string | null;
                            /** @description `null`: from everywhere */
                            networks: string[] | null;
                            expiresAt: string | null;
                            /** @description About a minute late */
                            lastUsedAt: string | null;
                        }[];
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            404: components["responses"]["not-found"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    createToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "label": "dashboard",
                 *       "scopes": [
                 *         "messages:read"
                 *       ],
                 *       "networks": [
                 *         "192.0.2.0/28"
                 *       ],
                 *       "days": 30
                 *     }
                 */
                "application/json": {
                    /**
                     * @default owner
                     * @enum {string}
                     */
                    role?: "owner" | "operator";
                    tenant?: string;
                    /** @description Name by which others identify an operator's key */
                    name?: string;
                    /** @description Name of a tenant's key */
                    label?: string;
                    /** @description What the key may do. Without: everything that its creator may do as an owner */
                    scopes?: ("tenants:create" | "tenants:read" | "domains:create" | "domains:read" | "domains:write" | "dkim:read" | "credentials:read" | "credentials:write" | "networks:create" | "tokens:read" | "access-log:read" | "messages:read" | "held:read" | "held:settle" | "dead-letters:read" | "dead-letters:settle" | "keyring:read" | "keyring:rotate" | "erasures:read" | "erasures:request")[];
                    /** @description The one domain to which the key is limited */
                    domain?: string;
                    /** @description The networks from which the key is accepted */
                    networks?: string[];
                    /** @description Lifetime in days. A tenant's key without it is valid until revoked, an operator's for 90 days */
                    days?: number;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *       "token": "mysmtp_TOKEN"
                     *     }
                     */
                    "application/json": {
                        id: string;
                        token: string;
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["fresh-factor-required"];
            404: components["responses"]["not-found"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    rotateToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "hours": 24
                 *     }
                 */
                "application/json": {
                    /**
                     * @description How long the old key stays valid
                     * @default 24
                     */
                    hours?: number;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *       "token": "mysmtp_TOKEN",
                     *       "replaces": {
                     *         "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *         "expiresAt": "2026-01-31T12:00:00.000Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        id: string;
                        token: string;
                        replaces: {
                            id: string;
                            /** Format: date-time */
                            expiresAt: string;
                        };
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["fresh-factor-required"];
            404: components["responses"]["not-found"];
            409: components["responses"]["conflict"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    deleteToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["fresh-factor-required"];
            404: components["responses"]["not-found"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    openAccess: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "tenant": "0f8fad5b-d9cb-469f-a165-70867728950e",
                 *       "reason": "Mail is refused",
                 *       "ticket": "SUP-1234",
                 *       "minutes": 30
                 *     }
                 */
                "application/json": {
                    tenant: string;
                    /** @description One line of text */
                    reason: string;
                    /** @description One line of text */
                    ticket: string;
                    minutes: number;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *       "until": "2026-01-31T12:00:00.000Z"
                     *     }
                     */
                    "application/json": {
                        id: string;
                        /** Format: date-time */
                        until: string;
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["fresh-factor-required"];
            404: components["responses"]["not-found"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    closeAccess: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["fresh-factor-required"];
            404: components["responses"]["not-found"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    readAccessLog: {
        parameters: {
            query?: {
                /** @description Default 100 */
                limit?: number;
                /** @description The last id of the previous page */
                before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "entries": [
                     *         {
                     *           "id": "019c1a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b",
                     *           "at": "2026-01-31T12:00:00.000Z",
                     *           "by": "person:0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "action": "openAccess",
                     *           "access": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "object": null,
                     *           "reason": "Mail is refused",
                     *           "ticket": "SUP-1234"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        entries: {
                            id: string;
                            /** Format: date-time */
                            at: string;
                            /** @description `token:` and the id of an API key, or `person:` and the id of a person */
                            by: string;
                            /** @description The operation id of the route */
                            action: string;
                            /** @description The access under which it was seen; `null` for an act */
                            access: string | null;
                            /** @description The id of the object; `null` for a list */
                            object: string | null;
                            reason: string | null;
                            ticket: string | null;
                        }[];
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            404: components["responses"]["not-found"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
}
