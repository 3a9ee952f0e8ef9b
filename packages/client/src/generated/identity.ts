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
        /**
         * Sets a customer's plan, and limits of its own in place of those of the plan
         * @description For principals with the permission `tenants:write`: operator.
         */
        patch: operations["changeTenant"];
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
         * Gives a tenant a sender domain that the operator vouches for
         * @description For principals with the permission `domains:create`: operator.
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
    "/v1/suspensions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Why a tenant or its credentials are stopped, with appeals and answers; newest first
         * @description For principals with the permission `suspensions:read`: owner or operator.
         */
        get: operations["listSuspensions"];
        put?: never;
        /**
         * Stops a tenant or a credential, with a reason that the tenant reads. `restricted`: its data is kept and not used (GDPR Art. 18)
         * @description For principals with the permission `suspensions:write`: operator.
         */
        post: operations["createSuspension"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suspensions/{id}/appeal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The appeal of the tenant, once. An operator answers it
         * @description For principals with the permission `suspensions:appeal`: owner.
         */
        post: operations["appealSuspension"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suspensions/{id}/answer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Answers an appeal, or lifts the suspension also without one; the tenant reads the text
         * @description For principals with the permission `suspensions:write`: operator.
         */
        post: operations["answerSuspension"];
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
        /** @description This account is suspended */
        suspended: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The use of the data of this account is restricted */
        restricted: {
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
                    /** @enum {string} */
                    plan?: "small" | "medium" | "large";
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
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
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
                     *         "plan": "medium",
                     *         "limits": {
                     *           "messagesPerHour": 50000,
                     *           "recipientsPerHour": 100000,
                     *           "octetsPerHour": 50000000000,
                     *           "messagesPerDay": 600000,
                     *           "recipientsPerDay": 1000000,
                     *           "octetsPerDay": 500000000000,
                     *           "messagesPerMonth": 10000000,
                     *           "recipientsPerMonth": 20000000,
                     *           "octetsPerMonth": 10000000000000,
                     *           "credentialMessagesPerHour": 50000,
                     *           "credentialRecipientsPerHour": 100000,
                     *           "credentialOctetsPerHour": 50000000000,
                     *           "credentialMessagesPerDay": 500000,
                     *           "credentialRecipientsPerDay": 1000000,
                     *           "credentialOctetsPerDay": 500000000000,
                     *           "credentialMessagesPerMonth": 10000000,
                     *           "credentialRecipientsPerMonth": 20000000,
                     *           "credentialOctetsPerMonth": 10000000000000,
                     *           "connections": 100,
                     *           "credentials": 100,
                     *           "apiRequestsPerMinute": 6000,
                     *           "bouncePercent": 10,
                     *           "throttledMessagesPerHour": 500
                     *         },
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
                            status: "active" | "suspended" | "restricted";
                            /** @enum {string} */
                            plan: "small" | "medium" | "large";
                            /** @description All limits in force */
                            limits: {
                                messagesPerHour: number;
                                recipientsPerHour: number;
                                octetsPerHour: number;
                                messagesPerDay: number;
                                recipientsPerDay: number;
                                octetsPerDay: number;
                                messagesPerMonth: number;
                                recipientsPerMonth: number;
                                octetsPerMonth: number;
                                credentialMessagesPerHour: number;
                                credentialRecipientsPerHour: number;
                                credentialOctetsPerHour: number;
                                credentialMessagesPerDay: number;
                                credentialRecipientsPerDay: number;
                                credentialOctetsPerDay: number;
                                credentialMessagesPerMonth: number;
                                credentialRecipientsPerMonth: number;
                                credentialOctetsPerMonth: number;
                                connections: number;
                                credentials: number;
                                apiRequestsPerMinute: number;
                                bouncePercent: number;
                                throttledMessagesPerHour: number;
                            };
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
    changeTenant: {
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
                 *       "plan": "medium",
                 *       "limits": {
                 *         "messagesPerDay": 600000,
                 *         "connections": null
                 *       }
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    plan?: "small" | "medium" | "large";
                    /** @description `null`: the limit of the plan again. A limit that is left out stays */
                    limits?: {
                        messagesPerHour?: number | null;
                        recipientsPerHour?: number | null;
                        octetsPerHour?: number | null;
                        messagesPerDay?: number | null;
                        recipientsPerDay?: number | null;
                        octetsPerDay?: number | null;
                        messagesPerMonth?: number | null;
                        recipientsPerMonth?: number | null;
                        octetsPerMonth?: number | null;
                        credentialMessagesPerHour?: number | null;
                        credentialRecipientsPerHour?: number | null;
                        credentialOctetsPerHour?: number | null;
                        credentialMessagesPerDay?: number | null;
                        credentialRecipientsPerDay?: number | null;
                        credentialOctetsPerDay?: number | null;
                        credentialMessagesPerMonth?: number | null;
                        credentialRecipientsPerMonth?: number | null;
                        credentialOctetsPerMonth?: number | null;
                        connections?: number | null;
                        credentials?: number | null;
                        apiRequestsPerMinute?: number | null;
                        bouncePercent?: number | null;
                        throttledMessagesPerHour?: number | null;
                    };
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
                     *       "tenant": {
                     *         "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *         "name": "Example Ltd",
                     *         "owner": null,
                     *         "status": "active",
                     *         "plan": "medium",
                     *         "limits": {
                     *           "messagesPerHour": 50000,
                     *           "recipientsPerHour": 100000,
                     *           "octetsPerHour": 50000000000,
                     *           "messagesPerDay": 600000,
                     *           "recipientsPerDay": 1000000,
                     *           "octetsPerDay": 500000000000,
                     *           "messagesPerMonth": 10000000,
                     *           "recipientsPerMonth": 20000000,
                     *           "octetsPerMonth": 10000000000000,
                     *           "credentialMessagesPerHour": 50000,
                     *           "credentialRecipientsPerHour": 100000,
                     *           "credentialOctetsPerHour": 50000000000,
                     *           "credentialMessagesPerDay": 500000,
                     *           "credentialRecipientsPerDay": 1000000,
                     *           "credentialOctetsPerDay": 500000000000,
                     *           "credentialMessagesPerMonth": 10000000,
                     *           "credentialRecipientsPerMonth": 20000000,
                     *           "credentialOctetsPerMonth": 10000000000000,
                     *           "connections": 100,
                     *           "credentials": 100,
                     *           "apiRequestsPerMinute": 6000,
                     *           "bouncePercent": 10,
                     *           "throttledMessagesPerHour": 500
                     *         },
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
                            status: "active" | "suspended" | "restricted";
                            /** @enum {string} */
                            plan: "small" | "medium" | "large";
                            /** @description All limits in force */
                            limits: {
                                messagesPerHour: number;
                                recipientsPerHour: number;
                                octetsPerHour: number;
                                messagesPerDay: number;
                                recipientsPerDay: number;
                                octetsPerDay: number;
                                messagesPerMonth: number;
                                recipientsPerMonth: number;
                                octetsPerMonth: number;
                                credentialMessagesPerHour: number;
                                credentialRecipientsPerHour: number;
                                credentialOctetsPerHour: number;
                                credentialMessagesPerDay: number;
                                credentialRecipientsPerDay: number;
                                credentialOctetsPerDay: number;
                                credentialMessagesPerMonth: number;
                                credentialRecipientsPerMonth: number;
                                credentialOctetsPerMonth: number;
                                connections: number;
                                credentials: number;
                                apiRequestsPerMinute: number;
                                bouncePercent: number;
                                throttledMessagesPerHour: number;
                            };
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
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
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
            403: components["responses"]["forbidden"];
            404: components["responses"]["not-found"];
            409: components["responses"]["conflict"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
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
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
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
            403: components["responses"]["forbidden"];
            404: components["responses"]["not-found"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
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
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
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
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
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
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
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
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    listSuspensions: {
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
                     *       "suspensions": [
                     *         {
                     *           "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "tenant": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "credential": null,
                     *           "status": "suspended",
                     *           "reason": "Unsolicited mail to many recipients",
                     *           "at": "2026-01-31T12:00:00.000Z",
                     *           "appeal": {
                     *             "text": "The list had their consent",
                     *             "at": "2026-01-31T12:00:00.000Z"
                     *           },
                     *           "answer": null,
                     *           "liftedAt": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        suspensions: {
                            id: string;
                            tenant: string;
                            /** @description `null`: the whole tenant */
                            credential: string | null;
                            /** @enum {string} */
                            status: "suspended" | "restricted";
                            reason: string;
                            /** Format: date-time */
                            at: string;
                            appeal: {
                                text: string;
                                /** Format: date-time */
                                at: string;
                            } | null;
                            answer: {
                                text: string;
                                /** Format: date-time */
                                at: string;
                            } | null;
                            liftedAt: string | null;
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
    createSuspension: {
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
                 *       "status": "suspended",
                 *       "reason": "Unsolicited mail to many recipients"
                 *     }
                 */
                "application/json": {
                    tenant: string;
                    credential?: string;
                    /** @enum {string} */
                    status: "suspended" | "restricted";
                    /** @description One line of text */
                    reason: string;
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
                     *       "tenant": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *       "credential": null,
                     *       "status": "suspended",
                     *       "reason": "Unsolicited mail to many recipients",
                     *       "at": "2026-01-31T12:00:00.000Z",
                     *       "appeal": null,
                     *       "answer": null,
                     *       "liftedAt": null
                     *     }
                     */
                    "application/json": {
                        id: string;
                        tenant: string;
                        /** @description `null`: the whole tenant */
                        credential: string | null;
                        /** @enum {string} */
                        status: "suspended" | "restricted";
                        reason: string;
                        /** Format: date-time */
                        at: string;
                        appeal: {
                            text: string;
                            /** Format: date-time */
                            at: string;
                        } | null;
                        answer: {
                            text: string;
                            /** Format: date-time */
                            at: string;
                        } | null;
                        liftedAt: string | null;
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["not-found"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    appealSuspension: {
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
                 *       "text": "The list had their consent"
                 *     }
                 */
                "application/json": {
                    /** @description One line of text */
                    text: string;
                };
            };
        };
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
            409: components["responses"]["conflict"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    answerSuspension: {
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
                 *       "lift": true,
                 *       "text": "The consent was shown"
                 *     }
                 */
                "application/json": {
                    lift: boolean;
                    /** @description One line of text */
                    text: string;
                };
            };
        };
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
            409: components["responses"]["conflict"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
}
