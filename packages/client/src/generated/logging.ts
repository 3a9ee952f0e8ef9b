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
         * The usage log, also by exact sender, recipient, domain or tag
         * @description For the permission `messages:read`: owner, admin, developer, dpo, reader, or an API key with this scope.
         */
        post: operations["searchMessages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/entries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The audit chain, oldest first: a tenant gets what concerns it, an operator all entries without the content of tenants
         * @description For the permission `audit:read`: owner, admin, dpo, privacy-officer, operator, or an API key with this scope.
         */
        get: operations["listAuditEntries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The usage log as one file. Only a file whose last record has the number of rows is complete
         * @description For the permission `messages:export`: owner, admin, dpo, or an API key with this scope. A person needs a fresh second factor.
         */
        get: operations["exportMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Adds the rows of the usage log in an export of a person’s data (`export.json`), under new ids
         * @description For the permission `messages:import`: owner. A person needs a fresh second factor.
         */
        post: operations["importMessages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/statistics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How many recipients had which outcome, by UTC hour or day of acceptance
         * @description For the permission `statistics:read`: owner, admin, developer, dpo, reader, or an API key with this scope.
         */
        get: operations["showStatistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * For how many days the usage log is kept
         * @description For the permission `retention:read`: owner, admin, developer, dpo, reader, or an API key with this scope.
         */
        get: operations["showRetention"];
        /**
         * Chooses for how many days the usage log is kept; older rows are removed within an hour
         * @description For the permission `retention:write`: owner, admin, dpo, or an API key with this scope. A person needs a fresh second factor.
         */
        put: operations["setRetention"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator/messages/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The state of a message for operators, without personal data
         * @description For the permission `messages:state`: support, on-call, operator, or an API key with this scope.
         */
        get: operations["showMessageState"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/findings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What detection has found, newest first: of the own tenant, or for an operator all
         * @description For the permission `findings:read`: owner, admin, dpo, support, on-call, privacy-officer, operator, or an API key with this scope.
         */
        get: operations["listFindings"];
        put?: never;
        post?: never;
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
        /** @description A second factor is required that was presented within the last five minutes */
        "fresh-factor-required": {
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
                credential?: "" | string;
                lastReply?: "" | ("2xx" | "4xx" | "5xx" | "none");
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
                     *           "tags": [
                     *             "newsletter"
                     *           ],
                     *           "accepted": {
                     *             "credential": "018f3d2a-0000-7000-8000-0000000000aa",
                     *             "listener": "starttls",
                     *             "tls": {
                     *               "version": "TLSv1.3",
                     *               "cipher": "TLS_AES_256_GCM_SHA384"
                     *             }
                     *           },
                     *           "status": "delivered",
                     *           "lastReply": "2xx",
                     *           "nextAttemptAt": null,
                     *           "attempts": [
                     *             {
                     *               "at": "2026-01-31T12:00:01.000Z",
                     *               "site": "mx.example.net",
                     *               "tlsVersion": "TLSv1.3",
                     *               "cipher": "TLS_AES_256_GCM_SHA384",
                     *               "verifiedBy": "pkix",
                     *               "certificateProblem": null,
                     *               "clearBecause": null,
                     *               "reply": "250 2.0.0 OK",
                     *               "enhancedCode": "2.0.0"
                     *             }
                     *           ],
                     *           "restricted": false
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
                            tags: string[];
                            /** @description How the message was submitted; `null` for a notice of ours and for a row of an older release */
                            accepted: {
                                credential: string;
                                listener: string;
                                tls: {
                                    version: string;
                                    cipher: string;
                                } | null;
                            } | null;
                            /** @enum {string} */
                            status: "accepted" | "delivered" | "deferred" | "held" | "bounced" | "expired" | "cancelled" | "sandboxed";
                            /**
                             * @description The class of the last reply of a server; `none` if none has answered
                             * @enum {string}
                             */
                            lastReply: "2xx" | "4xx" | "5xx" | "none";
                            nextAttemptAt: string | null;
                            attempts: {
                                at: string;
                                site: string | null;
                                tlsVersion: string | null;
                                cipher?: string | null;
                                verifiedBy?: ("pkix" | "other") | null;
                                certificateProblem?: string | null;
                                clearBecause?: ("not_offered" | "tls_failed" | "policy" | "other") | null;
                                reply: string;
                                enhancedCode: string | null;
                            }[];
                            /** @description The use of the data of sender or recipient is restricted (GDPR Art. 18): no details are shown */
                            restricted: boolean;
                        }[];
                        /** @description Cursor of the next page. With several filters a page may be shorter than `limit`, or empty, although there is a next one */
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
                    /** @description Id of the SMTP credential that submitted the message */
                    credential?: string;
                    /**
                     * @description Class of the last reply of a server; `none`: none has answered
                     * @enum {string}
                     */
                    lastReply?: "2xx" | "4xx" | "5xx" | "none";
                    /** Format: date-time */
                    after?: string;
                    /** Format: date-time */
                    before?: string;
                    limit?: number;
                    cursor?: string;
                    sender?: string;
                    recipient?: string;
                    /** @description The domain of the reverse-path */
                    senderDomain?: string;
                    recipientDomain?: string;
                    /** @description One of the tags in the field `X-MySMTP-Tag` */
                    tag?: string;
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
                     *           "tags": [
                     *             "newsletter"
                     *           ],
                     *           "accepted": {
                     *             "credential": "018f3d2a-0000-7000-8000-0000000000aa",
                     *             "listener": "starttls",
                     *             "tls": {
                     *               "version": "TLSv1.3",
                     *               "cipher": "TLS_AES_256_GCM_SHA384"
                     *             }
                     *           },
                     *           "status": "delivered",
                     *           "lastReply": "2xx",
                     *           "nextAttemptAt": null,
                     *           "attempts": [
                     *             {
                     *               "at": "2026-01-31T12:00:01.000Z",
                     *               "site": "mx.example.net",
                     *               "tlsVersion": "TLSv1.3",
                     *               "cipher": "TLS_AES_256_GCM_SHA384",
                     *               "verifiedBy": "pkix",
                     *               "certificateProblem": null,
                     *               "clearBecause": null,
                     *               "reply": "250 2.0.0 OK",
                     *               "enhancedCode": "2.0.0"
                     *             }
                     *           ],
                     *           "restricted": false
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
                            tags: string[];
                            /** @description How the message was submitted; `null` for a notice of ours and for a row of an older release */
                            accepted: {
                                credential: string;
                                listener: string;
                                tls: {
                                    version: string;
                                    cipher: string;
                                } | null;
                            } | null;
                            /** @enum {string} */
                            status: "accepted" | "delivered" | "deferred" | "held" | "bounced" | "expired" | "cancelled" | "sandboxed";
                            /**
                             * @description The class of the last reply of a server; `none` if none has answered
                             * @enum {string}
                             */
                            lastReply: "2xx" | "4xx" | "5xx" | "none";
                            nextAttemptAt: string | null;
                            attempts: {
                                at: string;
                                site: string | null;
                                tlsVersion: string | null;
                                cipher?: string | null;
                                verifiedBy?: ("pkix" | "other") | null;
                                certificateProblem?: string | null;
                                clearBecause?: ("not_offered" | "tls_failed" | "policy" | "other") | null;
                                reply: string;
                                enhancedCode: string | null;
                            }[];
                            /** @description The use of the data of sender or recipient is restricted (GDPR Art. 18): no details are shown */
                            restricted: boolean;
                        }[];
                        /** @description Cursor of the next page. With several filters a page may be shorter than `limit`, or empty, although there is a next one */
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
    listAuditEntries: {
        parameters: {
            query?: {
                /** @description Above this `seq` */
                after?: "" | number;
                /** @description Chained at this time or later */
                from?: "" | string;
                type?: "" | ("sign_in" | "factor_used" | "auth" | "request_refused" | "rate_limited" | "sign_in_throttled" | "sending" | "act" | "data_viewed" | "factor_added" | "factor_removed" | "password_changed" | "email_changed" | "role_changed" | "lost_factor" | "access_opened" | "export_made" | "erasure_requested" | "data_request" | "rectified" | "finding" | "payload_erased" | "payload_expired" | "chain_checked" | "chain_head_refused" | "chain_broken" | "service_started" | "other");
                /** @description Default 100 */
                limit?: "" | number;
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
                     *           "seq": 1234,
                     *           "time": 1769860800000,
                     *           "type": "sign_in",
                     *           "prev": "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
                     *           "keyId": "audit:2026-01-01",
                     *           "commitment": "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
                     *           "mac": "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
                     *           "state": "shown",
                     *           "payload": "{\"type\":\"sign_in\",\"outcome\":\"ok\"}",
                     *           "salt": "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
                     *           "network": "192.0.2.0/24",
                     *           "address": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        entries: {
                            seq: number;
                            /** @description Milliseconds since the epoch */
                            time: number;
                            type: string;
                            prev: string;
                            keyId: string;
                            commitment: string;
                            mac: string;
                            /**
                             * @description Of the content. `hidden`: it is another tenant’s. `shown` without a payload: it was changed, and cannot be opened
                             * @enum {string}
                             */
                            state: "shown" | "hidden" | "deleted";
                            /** @description JSON text: what happened */
                            payload: string | null;
                            /** @description `commitment` is the SHA-256 of salt and payload */
                            salt: string | null;
                            /** @description Network of the client */
                            network: string | null;
                            /** @description Address of the client, for 7 days */
                            address: string | null;
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
    exportMessages: {
        parameters: {
            query?: {
                status?: "" | ("accepted" | "delivered" | "deferred" | "held" | "bounced" | "expired" | "cancelled" | "sandboxed");
                credential?: "" | string;
                lastReply?: "" | ("2xx" | "4xx" | "5xx" | "none");
                /** @description Accepted at this time or later */
                after?: "" | string;
                /** @description Accepted earlier */
                before?: "" | string;
                /** @description `access`: a request for access to the own data (GDPR Art. 15). It is answered also while the account is restricted (Art. 18) */
                purpose?: "" | "access";
                /** @description CSV or JSON Lines */
                format?: "csv" | "jsonl";
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
                    "text/csv": unknown;
                    "application/jsonl": unknown;
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["fresh-factor-required"];
            404: components["responses"]["not-found"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    importMessages: {
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
                 *       "v": 1,
                 *       "request": "0f8fad5b-d9cb-469f-a165-70867728950e",
                 *       "address": "customer@example.net",
                 *       "createdAt": "2026-01-31T12:00:00.000Z",
                 *       "masked": false,
                 *       "data": {
                 *         "delivery.deferred": [],
                 *         "delivery.suppressions": [],
                 *         "logging.messages": [],
                 *         "logging.restrictions": [],
                 *         "identity.people": [],
                 *         "privacy.orders": []
                 *       }
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    v: 1;
                    request: string;
                    address: string;
                    /** Format: date-time */
                    createdAt: string;
                    masked: boolean;
                    /** @default false */
                    account?: boolean;
                    data: {
                        /** @default [] */
                        "delivery.deferred"?: {
                            id: string;
                            kind: string;
                            /** Format: date-time */
                            acceptedAt: string;
                            sender: string;
                            recipients: {
                                address: string;
                                /** @enum {string} */
                                status: "accepted" | "delivered" | "deferred" | "held" | "bounced" | "expired" | "cancelled" | "sandboxed";
                            }[];
                            octets: number;
                        }[];
                        /** @default [] */
                        "delivery.suppressions"?: {
                            /** @enum {string} */
                            ground: "objection" | "restriction";
                            request: string;
                            /** Format: date-time */
                            at: string;
                        }[];
                        /** @default [] */
                        "logging.messages"?: {
                            id: string;
                            n: number;
                            /** Format: date-time */
                            acceptedAt: string;
                            messageId: string;
                            sender: string;
                            recipient: string;
                            tags: string[];
                            accepted: {
                                credential: string;
                                listener: string;
                                tls: {
                                    version: string;
                                    cipher: string;
                                } | null;
                            } | null;
                            credential: string | null;
                            /** @enum {string} */
                            status: "accepted" | "delivered" | "deferred" | "held" | "bounced" | "expired" | "cancelled" | "sandboxed";
                            /** @enum {string} */
                            lastReply: "2xx" | "4xx" | "5xx" | "none";
                            siteClass: string | null;
                            nextAttemptAt: string | null;
                            attempts: {
                                at: string;
                                site: string | null;
                                tlsVersion: string | null;
                                cipher?: string | null;
                                verifiedBy?: ("pkix" | "other") | null;
                                certificateProblem?: string | null;
                                clearBecause?: ("not_offered" | "tls_failed" | "policy" | "other") | null;
                                reply: string;
                                enhancedCode: string | null;
                            }[];
                        }[];
                        /** @default [] */
                        "logging.restrictions"?: {
                            request: string;
                            /** Format: date-time */
                            at: string;
                        }[];
                        /** @default [] */
                        "identity.people"?: {
                            id: string;
                            email: string;
                            name: string | null;
                            role: string;
                            /** Format: date-time */
                            joinedAt: string;
                            factors?: {
                                /** @enum {string} */
                                kind: "totp" | "passkey";
                                label: string | null;
                                /** Format: date-time */
                                addedAt: string;
                            }[];
                            recoveryCodes?: number;
                        }[];
                        /** @default [] */
                        "privacy.orders"?: {
                            id: string;
                            kind: string;
                            /** Format: date-time */
                            givenAt: string;
                            completedAt: string | null;
                        }[];
                        /** @default [] */
                        "identity.sessions"?: {
                            id: string;
                            device: string;
                            /** Format: date-time */
                            createdAt: string;
                            /** Format: date-time */
                            usedAt: string;
                        }[];
                        /** @default [] */
                        "identity.challenges"?: {
                            id: string;
                            kind: string;
                            address: string | null;
                            role: string | null;
                            /** Format: date-time */
                            createdAt: string;
                            /** Format: date-time */
                            expiresAt: string;
                        }[];
                        /** @default [] */
                        "identity.notices"?: {
                            id: string;
                            subject: string;
                            /** Format: date-time */
                            createdAt: string;
                        }[];
                        /** @default [] */
                        "identity.tokens"?: {
                            id: string;
                            name: string | null;
                            scopes: string[] | null;
                            /** Format: date-time */
                            createdAt: string;
                            expiresAt: string | null;
                            lastUsedAt: string | null;
                        }[];
                        /** @default [] */
                        "identity.credentials"?: {
                            id: string;
                            label: string | null;
                            username: string | null;
                            /** Format: date-time */
                            createdAt: string;
                            expiresAt: string | null;
                            lastUsedAt: string | null;
                        }[];
                        /** @default [] */
                        "privacy.consents"?: {
                            id: string;
                            /** Format: date-time */
                            at: string;
                            purpose: string;
                            given: boolean;
                            text: string;
                        }[];
                        /** @default [] */
                        "logging.auditEntries"?: {
                            seq: number;
                            /** Format: date-time */
                            at: string;
                            type: string;
                            operation: string | null;
                            object: string | null;
                            outcome: string;
                            reason: string | null;
                            network: string | null;
                            address: string | null;
                        }[];
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
                     *       "imported": 12,
                     *       "expired": 0
                     *     }
                     */
                    "application/json": {
                        imported: number;
                        /** @description Rows that are older than the log is kept */
                        expired: number;
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["fresh-factor-required"];
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
    showStatistics: {
        parameters: {
            query?: {
                by?: "hour" | "day";
                /** @description Begins with the hour or day of this time */
                after?: "" | string;
                before?: "" | string;
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
                     *       "statistics": [
                     *         {
                     *           "from": "2026-01-31T00:00:00.000Z",
                     *           "credential": "018f3d2a-0000-7000-8000-0000000000aa",
                     *           "status": "delivered",
                     *           "lastReply": "2xx",
                     *           "recipients": 1250
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        statistics: {
                            /** @description Start of the hour or day */
                            from: string;
                            /** @description `null`: submitted without one, as notices of ours are */
                            credential: string | null;
                            /** @enum {string} */
                            status: "accepted" | "delivered" | "deferred" | "held" | "bounced" | "expired" | "cancelled" | "sandboxed";
                            /** @enum {string} */
                            lastReply: "2xx" | "4xx" | "5xx" | "none";
                            recipients: number;
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
    showRetention: {
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
                    /**
                     * @example {
                     *       "usageLogDays": 7
                     *     }
                     */
                    "application/json": {
                        /** @description Days after acceptance. `0`: of a message that is final, only state and times are kept, for statistics and operators */
                        usageLogDays: number;
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
    setRetention: {
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
                 *       "usageLogDays": 2
                 *     }
                 */
                "application/json": {
                    /** @description Days after acceptance. `0`: of a message that is final, only state and times are kept, for statistics and operators */
                    usageLogDays: number;
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
                     *       "usageLogDays": 2
                     *     }
                     */
                    "application/json": {
                        /** @description Days after acceptance. `0`: of a message that is final, only state and times are kept, for statistics and operators */
                        usageLogDays: number;
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["fresh-factor-required"];
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
    showMessageState: {
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
                     *       "recipients": [
                     *         {
                     *           "n": 0,
                     *           "tenant": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "acceptedAt": "2026-01-31T12:00:00.000Z",
                     *           "status": "deferred",
                     *           "attempts": 2,
                     *           "siteClass": "google",
                     *           "lastReply": "4xx",
                     *           "nextAttemptAt": "2026-01-31T12:15:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        recipients: {
                            /** @description Position of the recipient in the envelope */
                            n: number;
                            tenant: string;
                            acceptedAt: string;
                            /** @enum {string} */
                            status: "accepted" | "delivered" | "deferred" | "held" | "bounced" | "expired" | "cancelled" | "sandboxed";
                            attempts: number;
                            /** @description A large provider by name, or `other`; `null` if no site was tried */
                            siteClass: string | null;
                            /** @enum {string} */
                            lastReply: "2xx" | "4xx" | "5xx" | "none";
                            nextAttemptAt: string | null;
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
    listFindings: {
        parameters: {
            query?: {
                /** @description Default 50 */
                limit?: "" | number;
                /** @description `next` of the previous page */
                before?: "" | string;
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
                     *       "findings": [
                     *         {
                     *           "id": "019c1a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b:guessed-secret",
                     *           "at": "2026-01-31T12:00:00.000Z",
                     *           "rule": "guessed-secret",
                     *           "severity": "high",
                     *           "tenant": "3c0b6f1e-5d57-4b0e-9a3b-0d6f5f6c7a10",
                     *           "subject": "5c0b6f1e-5d57-4b0e-9a3b-0d6f5f6c7a10",
                     *           "event": "019c1a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b",
                     *           "count": 10
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        findings: {
                            id: string;
                            at: string;
                            /** @enum {string} */
                            rule: "credential-stuffing" | "guessed-secret" | "credential-in-many-networks" | "new-device" | "sending-volume" | "new-recipients" | "sending-bounces" | "factor-removed" | "role-raised" | "bulk-export" | "operator-without-ticket" | "chain-broken" | "many-data-requests" | "data-request-after-change" | "other";
                            /** @enum {string} */
                            severity: "low" | "medium" | "high";
                            /** @description `null`: of no tenant, or of several */
                            tenant: string | null;
                            /** @description The id of the person, credential, API key or operator whose act it was */
                            subject: string | null;
                            /** @description The id of the event in the audit log that completed it */
                            event: string;
                            /** @description How many events or accounts it took */
                            count: number;
                        }[];
                        next: string | null;
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
                     *           "tags": [
                     *             "newsletter"
                     *           ],
                     *           "accepted": {
                     *             "credential": "018f3d2a-0000-7000-8000-0000000000aa",
                     *             "listener": "starttls",
                     *             "tls": {
                     *               "version": "TLSv1.3",
                     *               "cipher": "TLS_AES_256_GCM_SHA384"
                     *             }
                     *           },
                     *           "status": "delivered",
                     *           "lastReply": "2xx",
                     *           "nextAttemptAt": null,
                     *           "attempts": [
                     *             {
                     *               "at": "2026-01-31T12:00:01.000Z",
                     *               "site": "mx.example.net",
                     *               "tlsVersion": "TLSv1.3",
                     *               "cipher": "TLS_AES_256_GCM_SHA384",
                     *               "verifiedBy": "pkix",
                     *               "certificateProblem": null,
                     *               "clearBecause": null,
                     *               "reply": "250 2.0.0 OK",
                     *               "enhancedCode": "2.0.0"
                     *             }
                     *           ],
                     *           "restricted": false
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
                            tags: string[];
                            /** @description How the message was submitted; `null` for a notice of ours and for a row of an older release */
                            accepted: {
                                credential: string;
                                listener: string;
                                tls: {
                                    version: string;
                                    cipher: string;
                                } | null;
                            } | null;
                            /** @enum {string} */
                            status: "accepted" | "delivered" | "deferred" | "held" | "bounced" | "expired" | "cancelled" | "sandboxed";
                            /**
                             * @description The class of the last reply of a server; `none` if none has answered
                             * @enum {string}
                             */
                            lastReply: "2xx" | "4xx" | "5xx" | "none";
                            nextAttemptAt: string | null;
                            attempts: {
                                at: string;
                                site: string | null;
                                tlsVersion: string | null;
                                cipher?: string | null;
                                verifiedBy?: ("pkix" | "other") | null;
                                certificateProblem?: string | null;
                                clearBecause?: ("not_offered" | "tls_failed" | "policy" | "other") | null;
                                reply: string;
                                enhancedCode: string | null;
                            }[];
                            /** @description The use of the data of sender or recipient is restricted (GDPR Art. 18): no details are shown */
                            restricted: boolean;
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
