/** Generated from docs/api/public/logging.json by `npm run fix`. */
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
    "/v1/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The usage log, a row per recipient, newest first
         * @description For the permission `messages:read`: owner, admin, developer, dpo, reader, or an API key with this scope.
         */
        get: operations["listMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The usage log, also by exact sender or recipient
         * @description For the permission `messages:read`: owner, admin, developer, dpo, reader, or an API key with this scope.
         */
        post: operations["searchMessages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All recipients of one message
         * @description For the permission `messages:read`: owner, admin, developer, dpo, reader, or an API key with this scope.
         */
        get: operations["getMessage"];
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
    listMessages: {
        parameters: {
            query?: {
                status?: "" | ("accepted" | "delivered" | "deferred" | "held" | "bounced" | "expired" | "cancelled" | "sandboxed");
                /** @description Accepted at this time or later */
                after?: "" | string;
                /** @description Accepted earlier */
                before?: "" | string;
                /** @description Default 50 */
                limit?: "" | number;
                /** @description `next` of the previous page */
                cursor?: "" | string;
                /** @description `access`: a request for access to the own data (GDPR Art. 15). It is answered also while the account is restricted (Art. 18) */
                purpose?: "" | "access";
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
                     *       "messages": [
                     *         {
                     *           "id": "019c1a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b",
                     *           "acceptedAt": "2026-01-31T12:00:00.000Z",
                     *           "messageId": "<1@example.org>",
                     *           "sender": "shop@example.org",
                     *           "recipient": "customer@example.net",
                     *           "status": "delivered",
                     *           "nextAttemptAt": null,
                     *           "attempts": [
                     *             {
                     *               "at": "2026-01-31T12:00:01.000Z",
                     *               "site": "mx.example.net",
                     *               "tlsVersion": "TLSv1.3",
                     *               "reply": "250 2.0.0 OK",
                     *               "enhancedCode": "2.0.0"
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        messages: {
                            id: string;
                            acceptedAt: string;
                            messageId: string;
                            sender: string;
                            recipient: string;
                            /** @enum {string} */
                            status: "accepted" | "delivered" | "deferred" | "held" | "bounced" | "expired" | "cancelled" | "sandboxed";
                            nextAttemptAt: string | null;
                            attempts: {
                                at: string;
                                site: string | null;
                                tlsVersion: string | null;
                                reply: string;
                                enhancedCode: string | null;
                            }[];
                        }[];
                        next: string | null;
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            404: components["responses"]["not-found"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    searchMessages: {
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
                 *       "recipient": "customer@example.net",
                 *       "after": "2026-01-31T00:00:00Z"
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    status?: "accepted" | "delivered" | "deferred" | "held" | "bounced" | "expired" | "cancelled" | "sandboxed";
                    /** Format: date-time */
                    after?: string;
                    /** Format: date-time */
                    before?: string;
                    limit?: number;
                    cursor?: string;
                    sender?: string;
                    recipient?: string;
                    /**
                     * @description `access`: a request for access to the own data (GDPR Art. 15). It is answered also while the account is restricted (Art. 18)
                     * @constant
                     */
                    purpose?: "access";
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
                     *       "messages": [
                     *         {
                     *           "id": "019c1a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b",
                     *           "acceptedAt": "2026-01-31T12:00:00.000Z",
                     *           "messageId": "<1@example.org>",
                     *           "sender": "shop@example.org",
                     *           "recipient": "customer@example.net",
                     *           "status": "delivered",
                     *           "nextAttemptAt": null,
                     *           "attempts": [
                     *             {
                     *               "at": "2026-01-31T12:00:01.000Z",
                     *               "site": "mx.example.net",
                     *               "tlsVersion": "TLSv1.3",
                     *               "reply": "250 2.0.0 OK",
                     *               "enhancedCode": "2.0.0"
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        messages: {
                            id: string;
                            acceptedAt: string;
                            messageId: string;
                            sender: string;
                            recipient: string;
                            /** @enum {string} */
                            status: "accepted" | "delivered" | "deferred" | "held" | "bounced" | "expired" | "cancelled" | "sandboxed";
                            nextAttemptAt: string | null;
                            attempts: {
                                at: string;
                                site: string | null;
                                tlsVersion: string | null;
                                reply: string;
                                enhancedCode: string | null;
                            }[];
                        }[];
                        next: string | null;
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            404: components["responses"]["not-found"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    getMessage: {
        parameters: {
            query?: {
                /** @description `access`: a request for access to the own data (GDPR Art. 15). It is answered also while the account is restricted (Art. 18) */
                purpose?: "" | "access";
            };
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
                     *       "messages": [
                     *         {
                     *           "id": "019c1a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b",
                     *           "acceptedAt": "2026-01-31T12:00:00.000Z",
                     *           "messageId": "<1@example.org>",
                     *           "sender": "shop@example.org",
                     *           "recipient": "customer@example.net",
                     *           "status": "delivered",
                     *           "nextAttemptAt": null,
                     *           "attempts": [
                     *             {
                     *               "at": "2026-01-31T12:00:01.000Z",
                     *               "site": "mx.example.net",
                     *               "tlsVersion": "TLSv1.3",
                     *               "reply": "250 2.0.0 OK",
                     *               "enhancedCode": "2.0.0"
                     *             }
                     *           ]
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        messages: {
                            id: string;
                            acceptedAt: string;
                            messageId: string;
                            sender: string;
                            recipient: string;
                            /** @enum {string} */
                            status: "accepted" | "delivered" | "deferred" | "held" | "bounced" | "expired" | "cancelled" | "sandboxed";
                            nextAttemptAt: string | null;
                            attempts: {
                                at: string;
                                site: string | null;
                                tlsVersion: string | null;
                                reply: string;
                                enhancedCode: string | null;
                            }[];
                        }[];
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            404: components["responses"]["not-found"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
}
