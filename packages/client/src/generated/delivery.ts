/** Generated from docs/api/public/delivery.json by `npm run fix`. */
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
    "/v1/domains/{id}/dkim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The DNS records to publish for a domain, so that a verifier can check the signatures
         * @description For the permission `dkim:read`: owner, admin, developer, dpo, reader, or an API key with this scope.
         */
        get: operations["dkimRecords"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/held": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Held messages, the earliest to expire first
         * @description For the permission `held:read`: support, on-call, operator, or an API key with this scope.
         */
        get: operations["listHeld"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/held/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Retries a held message now, or cancels it
         * @description For the permission `held:settle`: on-call, operator, or an API key with this scope.
         */
        post: operations["settleHeld"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suppressions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The suppressions: the people to whom no mail is sent, without their addresses
         * @description For the permission `suppressions:read`: owner, admin, developer, dpo, reader, or an API key with this scope.
         */
        get: operations["listSuppressions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suppressions/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The suppressions of one address
         * @description For the permission `suppressions:read`: owner, admin, developer, dpo, reader, or an API key with this scope.
         */
        post: operations["searchSuppressions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suppressions/{id}": {
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
         * Removes the suppression of a person who wants the mail again; not a restriction
         * @description For the permission `suppressions:write`: owner, admin, dpo, or an API key with this scope. A person needs a fresh second factor.
         */
        delete: operations["removeSuppression"];
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
        /** @description A second factor is required that was presented within the last five minutes */
        "fresh-factor-required": {
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
    dkimRecords: {
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
                     *       "records": [
                     *         {
                     *           "name": "s1._domainkey.example.org",
                     *           "type": "TXT",
                     *           "value": "v=DKIM1; k=rsa; p=PUBLICKEY"
                     *         },
                     *         {
                     *           "name": "s2._domainkey.example.org",
                     *           "type": "TXT",
                     *           "value": "v=DKIM1; k=ed25519; p=PUBLICKEY"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        records: {
                            name: string;
                            /** @constant */
                            type: "TXT";
                            value: string;
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
    listHeld: {
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
                     *       "held": [
                     *         {
                     *           "id": "019c1a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b",
                     *           "tenant": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "acceptedAt": "2026-01-31T12:00:00.000Z",
                     *           "heldAt": "2026-01-31T12:05:00.000Z",
                     *           "reason": "handling_failed",
                     *           "recipients": 1
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        held: {
                            id: string;
                            tenant: string;
                            /** Format: date-time */
                            acceptedAt: string;
                            /** Format: date-time */
                            heldAt: string;
                            /** @enum {string} */
                            reason: "unreadable" | "handling_failed";
                            /** @description Number of recipients that wait for it; 0 if it could not be read */
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
    settleHeld: {
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
                 *       "action": "release"
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    action: "release" | "cancel";
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
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    listSuppressions: {
        parameters: {
            query?: {
                /** @description `next` of the previous page */
                after?: string;
                /** @description Default 50 */
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
                     *       "suppressions": [
                     *         {
                     *           "id": "5b1f3a0e-7c59-4d0a-9a0b-2f6d1c8e4b7a",
                     *           "ground": "objection",
                     *           "request": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "at": "2026-01-31T12:00:00.000Z",
                     *           "consequence": "This person has objected to your mail. It will be sent to the person again."
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        suppressions: {
                            id: string;
                            /** @enum {string} */
                            ground: "objection" | "restriction";
                            /** @description Id of the request of the person, or of the link in a mail */
                            request: string;
                            /** Format: date-time */
                            at: string;
                            /** @description What removing it means */
                            consequence: string;
                        }[];
                        /** @description `after` of the next page */
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
    searchSuppressions: {
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
                 *       "address": "customer@example.net"
                 *     }
                 */
                "application/json": {
                    address: string;
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
                     *       "suppressions": [
                     *         {
                     *           "id": "5b1f3a0e-7c59-4d0a-9a0b-2f6d1c8e4b7a",
                     *           "ground": "objection",
                     *           "request": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "at": "2026-01-31T12:00:00.000Z",
                     *           "consequence": "This person has objected to your mail. It will be sent to the person again."
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        suppressions: {
                            id: string;
                            /** @enum {string} */
                            ground: "objection" | "restriction";
                            /** @description Id of the request of the person, or of the link in a mail */
                            request: string;
                            /** Format: date-time */
                            at: string;
                            /** @description What removing it means */
                            consequence: string;
                        }[];
                        /** @description `after` of the next page */
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
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    removeSuppression: {
        parameters: {
            query?: {
                /** @description Required. Confirms the consequence: mail is sent to this person again */
                confirm?: "send-again";
            };
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
            409: components["responses"]["conflict"];
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
}
