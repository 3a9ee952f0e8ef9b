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
         * Registers a customer with a first domain; its secrets are shown once
         * @description For principals with the permission `tenants:create`: operator.
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
         * @description For principals with the permission `tenants:read`: owner or operator.
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
         * @description For principals with the permission `domains:read`: owner or operator.
         */
        get: operations["listDomains"];
        put?: never;
        /**
         * Adds a sender domain, unverified unless an operator vouches for it
         * @description For principals with the permission `domains:write`: owner or operator.
         */
        post: operations["createDomain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/domains/{id}/vouch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * States that a domain is the tenant’s, for a reason that is recorded
         * @description For principals with the permission `domains:vouch`: operator.
         */
        post: operations["vouchForDomain"];
        /**
         * Ends a vouch: the domain is unverified until DNS shows its ownership record
         * @description For principals with the permission `domains:vouch`: operator.
         */
        delete: operations["endVouch"];
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
         * @description For principals with the permission `domains:write`: owner or operator.
         */
        delete: operations["deleteDomain"];
        options?: never;
        head?: never;
        /**
         * Sets who signs a domain's mail: we, or the customer before submission
         * @description For principals with the permission `domains:write`: owner or operator.
         */
        patch: operations["changeDomain"];
        trace?: never;
    };
    "/v1/domains/{id}/records": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The DNS records that a domain should have, with the results of the last check
         * @description For principals with the permission `domains:read`: owner or operator.
         */
        get: operations["readDomainRecords"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/domains/{id}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Checks the DNS records of a domain now, at most every 30 seconds
         * @description For principals with the permission `domains:write`: owner or operator.
         */
        post: operations["checkDomain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
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
         * @description For principals with the permission `credentials:read`: owner or operator.
         */
        get: operations["listCredentials"];
        put?: never;
        /**
         * Creates a credential: a user name and password, shown once, or a network
         * @description For principals with the permission `credentials:write`: owner or operator.
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
         * @description For principals with the permission `credentials:write`: owner or operator.
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
         * @description For principals with the permission `tokens:read`: owner or operator.
         */
        get: operations["listTokens"];
        put?: never;
        /**
         * Creates a bearer token, shown once: an owner's, or an operator's (only by an operator)
         * @description For principals with the permission `tokens:write`: owner or operator.
         */
        post: operations["createToken"];
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
         * @description For principals with the permission `tokens:write`: owner or operator.
         */
        delete: operations["deleteToken"];
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
        /** @description This token does not have the required permission */
        forbidden: {
            headers: {
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
                    /** @description Without it the customer verifies the domain by DNS */
                    vouch?: {
                        /** @description Why the operator knows that the domain is the tenant’s */
                        reason: string;
                        /**
                         * @description Use the domain without a look at DNS: sign with a key that DNS does not publish too
                         * @default false
                         */
                        withoutDns?: boolean;
                    };
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
            403: components["responses"]["forbidden"];
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
            403: components["responses"]["forbidden"];
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
                     *           "signing": "ours",
                     *           "status": "unverified"
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
                            /**
                             * @description Mail from an unverified domain is refused
                             * @enum {string}
                             */
                            status: "unverified" | "verified" | "vouched";
                        }[];
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
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
                 *       "name": "example.org"
                 *     }
                 */
                "application/json": {
                    name: string;
                    tenant?: string;
                    /** @description Only by an operator */
                    vouch?: {
                        /** @description Why the operator knows that the domain is the tenant’s */
                        reason: string;
                        /**
                         * @description Use the domain without a look at DNS: sign with a key that DNS does not publish too
                         * @default false
                         */
                        withoutDns?: boolean;
                    };
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
                     *       "signing": "ours",
                     *       "status": "unverified"
                     *     }
                     */
                    "application/json": {
                        id: string;
                        name: string;
                        /** @enum {string} */
                        signing: "ours" | "customer";
                        /**
                         * @description Mail from an unverified domain is refused
                         * @enum {string}
                         */
                        status: "unverified" | "verified" | "vouched";
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not-found"];
            409: components["responses"]["conflict"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    vouchForDomain: {
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
                 *       "reason": "Their contract of 2026-01-31 names it"
                 *     }
                 */
                "application/json": {
                    /** @description Why the operator knows that the domain is the tenant’s */
                    reason: string;
                    /**
                     * @description Use the domain without a look at DNS: sign with a key that DNS does not publish too
                     * @default false
                     */
                    withoutDns?: boolean;
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
                     *       "signing": "ours",
                     *       "status": "vouched"
                     *     }
                     */
                    "application/json": {
                        id: string;
                        name: string;
                        /** @enum {string} */
                        signing: "ours" | "customer";
                        /**
                         * @description Mail from an unverified domain is refused
                         * @enum {string}
                         */
                        status: "unverified" | "verified" | "vouched";
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not-found"];
            409: components["responses"]["conflict"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    endVouch: {
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
                     *       "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *       "name": "example.org",
                     *       "signing": "ours",
                     *       "status": "unverified"
                     *     }
                     */
                    "application/json": {
                        id: string;
                        name: string;
                        /** @enum {string} */
                        signing: "ours" | "customer";
                        /**
                         * @description Mail from an unverified domain is refused
                         * @enum {string}
                         */
                        status: "unverified" | "verified" | "vouched";
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not-found"];
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
            403: components["responses"]["forbidden"];
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
                     *       "signing": "customer",
                     *       "status": "unverified"
                     *     }
                     */
                    "application/json": {
                        id: string;
                        name: string;
                        /** @enum {string} */
                        signing: "ours" | "customer";
                        /**
                         * @description Mail from an unverified domain is refused
                         * @enum {string}
                         */
                        status: "unverified" | "verified" | "vouched";
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not-found"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    readDomainRecords: {
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
                     *       "domain": {
                     *         "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *         "name": "example.org",
                     *         "signing": "ours",
                     *         "status": "unverified"
                     *       },
                     *       "taken": false,
                     *       "checkedAt": "2026-01-31T12:00:00.000Z",
                     *       "records": [
                     *         {
                     *           "kind": "ownership",
                     *           "name": "_mysmtp-challenge.example.org",
                     *           "type": "TXT",
                     *           "value": "mysmtp-domain=CHALLENGE",
                     *           "need": "required",
                     *           "purpose": "Shows that the domain is yours",
                     *           "state": "missing",
                     *           "found": []
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        domain: {
                            id: string;
                            name: string;
                            /** @enum {string} */
                            signing: "ours" | "customer";
                            /**
                             * @description Mail from an unverified domain is refused
                             * @enum {string}
                             */
                            status: "unverified" | "verified" | "vouched";
                        };
                        /** @description Another account may send from the domain, although DNS has your challenge */
                        taken: boolean;
                        checkedAt: string | null;
                        records: {
                            /** @enum {string} */
                            kind: "ownership" | "dkim" | "spf" | "dmarc" | "mx" | "return-path" | "mta-sts" | "tls-rpt";
                            name: string;
                            /** @enum {string} */
                            type: "TXT" | "CNAME" | "MX";
                            /** @description Ready to paste; null if only you can decide it */
                            value: string | null;
                            /**
                             * @description required: without it mail is refused or not signed; recommended: without it receivers distrust mail
                             * @enum {string}
                             */
                            need: "required" | "recommended" | "optional";
                            purpose: string;
                            /**
                             * @description different: there is one, and it does something else; error: DNS did not answer
                             * @enum {string}
                             */
                            state: "ok" | "missing" | "different" | "error" | "unchecked";
                            /** @description What DNS has */
                            found: string[];
                        }[];
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not-found"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    checkDomain: {
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
                     *       "domain": {
                     *         "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *         "name": "example.org",
                     *         "signing": "ours",
                     *         "status": "unverified"
                     *       },
                     *       "taken": false,
                     *       "checkedAt": "2026-01-31T12:00:00.000Z",
                     *       "records": [
                     *         {
                     *           "kind": "ownership",
                     *           "name": "_mysmtp-challenge.example.org",
                     *           "type": "TXT",
                     *           "value": "mysmtp-domain=CHALLENGE",
                     *           "need": "required",
                     *           "purpose": "Shows that the domain is yours",
                     *           "state": "missing",
                     *           "found": []
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        domain: {
                            id: string;
                            name: string;
                            /** @enum {string} */
                            signing: "ours" | "customer";
                            /**
                             * @description Mail from an unverified domain is refused
                             * @enum {string}
                             */
                            status: "unverified" | "verified" | "vouched";
                        };
                        /** @description Another account may send from the domain, although DNS has your challenge */
                        taken: boolean;
                        checkedAt: string | null;
                        records: {
                            /** @enum {string} */
                            kind: "ownership" | "dkim" | "spf" | "dmarc" | "mx" | "return-path" | "mta-sts" | "tls-rpt";
                            name: string;
                            /** @enum {string} */
                            type: "TXT" | "CNAME" | "MX";
                            /** @description Ready to paste; null if only you can decide it */
                            value: string | null;
                            /**
                             * @description required: without it mail is refused or not signed; recommended: without it receivers distrust mail
                             * @enum {string}
                             */
                            need: "required" | "recommended" | "optional";
                            purpose: string;
                            /**
                             * @description different: there is one, and it does something else; error: DNS did not answer
                             * @enum {string}
                             */
                            state: "ok" | "missing" | "different" | "error" | "unchecked";
                            /** @description What DNS has */
                            found: string[];
                        }[];
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not-found"];
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
            403: components["responses"]["forbidden"];
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
            403: components["responses"]["forbidden"];
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
            403: components["responses"]["forbidden"];
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
                     *           "expiresAt": null
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
                            name: string | null;
                            expiresAt: string | null;
                        }[];
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
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
                 *       "role": "operator",
                 *       "name": "on-call-2026",
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
                    /** @description Name by which others identify an operator's token */
                    name?: string;
                    /** @description Lifetime of an operator's token in days */
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
            403: components["responses"]["forbidden"];
            404: components["responses"]["not-found"];
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
            403: components["responses"]["forbidden"];
            404: components["responses"]["not-found"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
}
