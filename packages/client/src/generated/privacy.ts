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
         * All roots, those that were destroyed included: ids and times, never a secret
         * @description For whoever may `keyring:read`: operator.
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
         * A new epoch: living tenants are wrapped again under a new root, older roots are destroyed
         * @description For whoever may `keyring:rotate`: operator.
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
         * @description For whoever may `dead-letters:read`: operator.
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
         * Publishes a dead letter again where it came from, or forgets it
         * @description For whoever may `dead-letters:settle`: operator.
         */
        post: operations["settleDeadLetter"];
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
         * @description For whoever may `erasures:read`: operator.
         */
        get: operations["listErasures"];
        put?: never;
        /**
         * Asks for the erasure of a tenant (GDPR Art. 17); asking again gives the same request
         * @description For whoever may `erasures:request`: operator.
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
         * How far an erasure is: its state, the receipts, and at the end the certificate
         * @description For whoever may `erasures:read`: operator.
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
            /** @description A URN of ours: stable, for programs to compare */
            type: string;
            title: string;
            status: number;
            detail?: string;
            /** @description What is not valid, and where */
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
                /** @description Seconds after which to try again */
                "retry-after": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Something went wrong on our side */
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
        /** @description This token may not do that */
        forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Try again in a moment */
        unavailable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is nothing here */
        "not-found": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description That is not possible now */
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
        /** @description The request body is of another kind */
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
                            basis: "instruction of the customer" | "contract" | "legal obligation" | "none needed";
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
                            basis: "instruction of the customer" | "contract" | "legal obligation" | "none needed";
                            retention: string;
                            limit: number | null;
                            erasure: string;
                            content: string;
                        }[];
                        exchanges: string[];
                        logKeys: {
                            name: string;
                            holds: string;
                            /** @constant */
                            rare?: true;
                        }[];
                        metricLabels: {
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
                            kind: "epoch" | "mail" | "events";
                            day: string | null;
                            /** Format: date-time */
                            createdAt: string;
                            destroyedAt: string | null;
                            /** @description Its day is over and it is still there */
                            overdue: boolean;
                        }[];
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
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
            403: components["responses"]["forbidden"];
            429: components["responses"]["rate-limited"];
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
            403: components["responses"]["forbidden"];
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
            403: components["responses"]["forbidden"];
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
                    /** @description Where the request can be followed */
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
                        /** @description Shown once: with it the asker, and nobody else, can show whom the certificate is about */
                        nonce?: string;
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
                         * @description How far it is, also while it is partial or failed
                         * @enum {string}
                         */
                        step: "planting" | "fencing" | "purging" | "sweeping" | "shredding" | "sweeping_again" | "completed_live";
                        /** Format: date-time */
                        requestedAt: string;
                        /** Format: date-time */
                        since: string;
                        /** @description What is waited for longer than it may take */
                        missing: string[];
                        /** @description Where something was found after the purge */
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
            403: components["responses"]["forbidden"];
            404: components["responses"]["not-found"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
}
