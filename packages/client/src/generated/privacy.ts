/** Generated from docs/api/public/privacy.json by `npm run fix`. */
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
    "/v1/registry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The registry of personal data: every store and field, its purpose, retention and end
         * @description For everybody.
         */
        get: operations["showRegistry"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keyring": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All roots, also destroyed ones: ids and times, never a secret
         * @description For the permission `keyring:read`: on-call, privacy-officer, operator, or an API key with this scope.
         */
        get: operations["showKeyring"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keyring/epochs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Starts a new epoch: keys of active tenants are wrapped again under a new root, older roots are destroyed
         * @description For the permission `keyring:rotate`: privacy-officer, operator, or an API key with this scope. A person needs a fresh second factor.
         */
        post: operations["rotateEpoch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events and commands that their consumer could not handle, newest first
         * @description For the permission `dead-letters:read`: on-call, operator, or an API key with this scope.
         */
        get: operations["listDeadLetters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Publishes a dead letter again to its original queue, or drops it
         * @description For the permission `dead-letters:settle`: on-call, operator, or an API key with this scope.
         */
        post: operations["settleDeadLetter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/heads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Signed heads of the audit chain, newest first: nobody can cut or rewrite what is before
         * @description For the permission `audit-heads:read`: privacy-officer, operator, or an API key with this scope.
         */
        get: operations["listAuditHeads"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/erasures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Requests for erasure, newest first
         * @description For the permission `erasures:read`: privacy-officer, operator, or an API key with this scope.
         */
        get: operations["listErasures"];
        put?: never;
        /**
         * Requests the erasure of a tenant (GDPR Art. 17); a repeated request returns the same erasure
         * @description For the permission `erasures:request`: privacy-officer, operator, or an API key with this scope. A person needs a fresh second factor.
         */
        post: operations["requestErasure"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/erasures/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Progress of an erasure: its state, the receipts, and at the end the certificate
         * @description For the permission `erasures:read`: privacy-officer, operator, or an API key with this scope.
         */
        get: operations["showErasure"];
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
    showRegistry: {
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
                        version: number;
                        collections: {
                            id: string;
                            /** @enum {string} */
                            service: "ingress" | "delivery" | "logging" | "identity" | "privacy";
                            collection: string;
                            subject: {
                                tenant: {
                                    [key: string]: string;
                                };
                                canary: {
                                    [key: string]: string;
                                };
                                /** @enum {string} */
                                erased: "purge" | "shred";
                                remains: string[];
                                ground: string | null;
                            } | null;
                            purpose: string;
                            /** @enum {string} */
                            basis: "instruction of the customer" | "contract" | "legitimate interest" | "legal obligation" | "consent" | "none needed";
                            /** @enum {string} */
                            balancingTest?: "security-log";
                            retention: string;
                            limit: number | null;
                            erasure: string;
                            fields: {
                                [key: string]: ("id" | "plain" | "sealed" | "blind index" | "hash of a secret" | "wrapped key" | "commitment") | {
                                    /** @enum {string} */
                                    protection: "id" | "plain" | "sealed" | "blind index" | "hash of a secret" | "wrapped key" | "commitment";
                                    seenIn: string;
                                };
                            };
                        }[];
                        queues: {
                            id: string;
                            /** @enum {string} */
                            service: "ingress" | "delivery" | "logging" | "identity" | "privacy";
                            queue: string;
                            marker: boolean;
                            purpose: string;
                            /** @enum {string} */
                            basis: "instruction of the customer" | "contract" | "legitimate interest" | "legal obligation" | "consent" | "none needed";
                            /** @enum {string} */
                            balancingTest?: "security-log";
                            retention: string;
                            limit: number | null;
                            erasure: string;
                            content: string;
                        }[];
                        exchanges: string[];
                        logKeys: {
                            /** @enum {string} */
                            basis: "instruction of the customer" | "contract" | "legitimate interest" | "legal obligation" | "consent" | "none needed";
                            /** @enum {string} */
                            balancingTest?: "security-log";
                            name: string;
                            holds: string;
                            /** @constant */
                            rare?: true;
                        }[];
                        metricLabels: {
                            /** @enum {string} */
                            basis: "instruction of the customer" | "contract" | "legitimate interest" | "legal obligation" | "consent" | "none needed";
                            /** @enum {string} */
                            balancingTest?: "security-log";
                            name: string;
                            holds: string;
                            /** @constant */
                            rare?: true;
                        }[];
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
        };
    };
    showKeyring: {
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
                     *       "roots": [
                     *         {
                     *           "id": "epoch-000001",
                     *           "kind": "epoch",
                     *           "day": null,
                     *           "createdAt": "2026-01-31T12:00:00.000Z",
                     *           "destroyedAt": null,
                     *           "overdue": false
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        roots: {
                            id: string;
                            /** @enum {string} */
                            kind: "epoch" | "mail" | "events" | "client" | "security" | "audit";
                            day: string | null;
                            /** Format: date-time */
                            createdAt: string;
                            destroyedAt: string | null;
                            /** @description The day of the root is over and the root still exists */
                            overdue: boolean;
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
    rotateEpoch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "epoch": "epoch-000002",
                     *       "rewrapped": 12
                     *     }
                     */
                    "application/json": {
                        epoch: string;
                        rewrapped: number;
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["fresh-factor-required"];
            404: components["responses"]["not-found"];
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    listDeadLetters: {
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
                     *       "deadLetters": [
                     *         {
                     *           "id": "k1rX0nC3aS8dP5vQ2mT7yB4hL9wE6uJfGzNoHiRtVxA",
                     *           "exchange": "mysmtp.events",
                     *           "routingKey": "message.changed",
                     *           "queue": "logging.messages",
                     *           "reason": "rejected",
                     *           "receivedAt": "2026-01-31T12:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        deadLetters: {
                            id: string;
                            exchange: string;
                            routingKey: string;
                            queue: string;
                            reason: string;
                            /** Format: date-time */
                            receivedAt: string;
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
    settleDeadLetter: {
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
                 *       "action": "retry"
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    action: "retry" | "discard";
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
    listAuditHeads: {
        parameters: {
            query?: {
                /** @description Below this `seq` */
                before?: number;
                /** @description Default 100 */
                limit?: number;
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
                     *       "heads": [
                     *         {
                     *           "seq": 1234,
                     *           "digest": "k1rX0nC3aS8dP5vQ2mT7yB4hL9wE6uJfGzNoHiRtVxA",
                     *           "signedAt": "2026-01-31T12:00:00.000Z",
                     *           "jws": "a.b.c"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        heads: {
                            seq: number;
                            digest: string;
                            /** Format: date-time */
                            signedAt: string;
                            jws: string;
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
    listErasures: {
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
                     *       "erasures": [
                     *         {
                     *           "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "state": "purging",
                     *           "requestedAt": "2026-01-31T12:00:00.000Z",
                     *           "missing": []
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        erasures: {
                            id: string;
                            /** @enum {string} */
                            state: "planting" | "fencing" | "purging" | "sweeping" | "shredding" | "sweeping_again" | "completed_live" | "partial" | "failed";
                            /** Format: date-time */
                            requestedAt: string;
                            missing: string[];
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
    requestErasure: {
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
                 *       "tenant": "0f8fad5b-d9cb-469f-a165-70867728950e"
                 *     }
                 */
                "application/json": {
                    tenant: string;
                };
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    /** @description URL of the erasure */
                    location: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "nonce": "c0ffee"
                     *     }
                     */
                    "application/json": {
                        /** @description Shown once: only with it can the requester prove whom the certificate concerns */
                        nonce?: string;
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
    showErasure: {
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
                     *       "state": "purging",
                     *       "step": "purging",
                     *       "requestedAt": "2026-01-31T12:00:00.000Z",
                     *       "since": "2026-01-31T12:00:00.000Z",
                     *       "missing": [],
                     *       "leftovers": [],
                     *       "receipts": [],
                     *       "certificate": null,
                     *       "completedAt": null
                     *     }
                     */
                    "application/json": {
                        id: string;
                        /** @enum {string} */
                        state: "planting" | "fencing" | "purging" | "sweeping" | "shredding" | "sweeping_again" | "completed_live" | "partial" | "failed";
                        /**
                         * @description Progress, also while the erasure is partial or failed
                         * @enum {string}
                         */
                        step: "planting" | "fencing" | "purging" | "sweeping" | "shredding" | "sweeping_again" | "completed_live";
                        /** Format: date-time */
                        requestedAt: string;
                        /** Format: date-time */
                        since: string;
                        /** @description Answers that are overdue */
                        missing: string[];
                        /** @description Stores in which records were found after the purge */
                        leftovers: string[];
                        receipts: {
                            /** Format: uuid */
                            requestId: string;
                            subject?: {
                                /** @enum {string} */
                                kind: "tenant";
                                commitment: string;
                            };
                            /** @enum {string} */
                            service: "ingress" | "delivery" | "logging" | "identity" | "privacy";
                            store: string;
                            matched: number;
                            /** @enum {string} */
                            matchedBy?: "search" | "removal";
                            deleted: number;
                            retained: {
                                category: string;
                                ground: string;
                                until: string | null;
                            }[];
                            registryVersion: number;
                            /** Format: date-time */
                            at: string;
                            jws: string;
                        }[];
                        certificate: string | null;
                        completedAt: string | null;
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
