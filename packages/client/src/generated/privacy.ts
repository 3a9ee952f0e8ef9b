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
         * Requests the erasure of a tenant, or of one address in its data (GDPR Art. 17); while it runs, a repeated request returns the same erasure
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
    "/v1/requests/{id}/download": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The data of a person as a zip, for 7 days: `export.json`, its schema, and a page in English and German
         * @description For the permission `exports:read`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator, or an API key with this scope. A person needs a fresh second factor.
         */
        get: operations["downloadExport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/unsubscribe/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The page of a link in a mail, by which its recipient objects to mail of the sender
         * @description For everybody.
         */
        get: operations["showUnsubscribe"];
        put?: never;
        /**
         * The recipient of a mail objects to further mail of its sender (RFC 8058, GDPR Art. 21)
         * @description For everybody.
         */
        post: operations["unsubscribe"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/notice": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The privacy notice (GDPR Art. 12 to 14), for people
         * @description For everybody.
         */
        get: operations["showNotice"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sub-processors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The sub-processors (GDPR Art. 28(2))
         * @description For everybody.
         */
        get: operations["showSubProcessors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/annexes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The annexes of the data processing agreement (GDPR Art. 28(3))
         * @description For everybody.
         */
        get: operations["showAnnexes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/records": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The records of processing activities (GDPR Art. 30(1) and (2))
         * @description For the permission `records:read`: privacy-officer, operator, or an API key with this scope.
         */
        get: operations["showRecords"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/editions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All editions of the documents, with their dates: also announced and replaced ones
         * @description For everybody.
         */
        get: operations["listEditions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/consents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The own consents: everything that needs one, whether it is given, and its text
         * @description For the permission `consents:read`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator.
         */
        get: operations["listConsents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/consents/{purpose}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Consents to a text that was shown, by its SHA-256
         * @description For the permission `consents:write`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator.
         */
        put: operations["giveConsent"];
        post?: never;
        /**
         * Withdraws a consent, at once
         * @description For the permission `consents:write`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator.
         */
        delete: operations["withdrawConsent"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/breaches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The register of breaches, newest first
         * @description For the permission `breaches:read`: privacy-officer, operator, or an API key with this scope.
         */
        get: operations["listBreaches"];
        put?: never;
        /**
         * Records that a human is aware of a breach (GDPR Art. 33): the clocks start at `awareAt`
         * @description For the permission `breaches:write`: privacy-officer, operator, or an API key with this scope. A person needs a fresh second factor.
         */
        post: operations["recordBreach"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/breaches/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A breach with everything that was recorded about it
         * @description For the permission `breaches:read`: privacy-officer, operator, or an API key with this scope.
         */
        get: operations["showBreach"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/breaches/{id}/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Records what was decided about a breach, with the reason; nothing is ever changed
         * @description For the permission `breaches:write`: privacy-officer, operator, or an API key with this scope. A person needs a fresh second factor.
         */
        post: operations["decideBreach"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/breaches/{id}/draft": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A draft of the notice to the authority (GDPR Art. 33(3)), with counts of records
         * @description For the permission `breaches:read`: privacy-officer, operator, or an API key with this scope.
         */
        get: operations["draftBreachNotice"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Requests of the tenant, or the own ones; of all tenants for operators. Newest first
         * @description For the permission `requests:read`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator, or an API key with this scope.
         */
        get: operations["listRequests"];
        put?: never;
        /**
         * Requests a right for people of the tenant, by address; without addresses for the person who is signed in
         * @description For the permission `requests:write`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator, or an API key with this scope. A person needs a fresh second factor.
         */
        post: operations["createRequests"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/requests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A request: its state, clocks and history, receipts, and at the end the certificate
         * @description For the permission `requests:read`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator, or an API key with this scope.
         */
        get: operations["showRequest"];
        put?: never;
        post?: never;
        /**
         * Withdraws a request, while nothing is destroyed
         * @description For the permission `requests:write`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator, or an API key with this scope. A person needs a fresh second factor.
         */
        delete: operations["cancelRequest"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/requests/{id}/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Records what a human decided about a request, with the reason
         * @description For the permission `requests:decide`: owner, dpo, privacy-officer, operator, or an API key with this scope. A person needs a fresh second factor.
         */
        post: operations["decideRequest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/requests/entered": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Enters a request that came by letter or by mail: a mail asks the person to confirm it
         * @description For the permission `requests:enter`: support, privacy-officer, operator, or an API key with this scope.
         */
        post: operations["enterRequest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/request-policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What happens to a request of a person that reaches the tenant by the public page
         * @description For the permission `requests:read`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator, or an API key with this scope.
         */
        get: operations["showRequestPolicy"];
        /**
         * Sets what happens to such requests from now on
         * @description For the permission `request-policy:write`: owner, dpo, or an API key with this scope. A person needs a fresh second factor.
         */
        put: operations["setRequestPolicy"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/public/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The page on which a person who has no account requests a right
         * @description For everybody.
         */
        get: operations["showRequestForm"];
        put?: never;
        /**
         * Sends a mail with a link to an address. The answer is the same whether we know the address or not
         * @description For everybody.
         */
        post: operations["requestPublicly"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/public/requests/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The page of the link in the mail. It changes nothing: programs open links, too
         * @description For everybody.
         */
        get: operations["showConfirmation"];
        put?: never;
        /**
         * Confirms a request by the code of the mail, once and within 30 minutes
         * @description For everybody.
         */
        post: operations["confirmRequest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/public/requests/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What was done about a request, by its secret
         * @description For everybody.
         */
        post: operations["showRequestStatus"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/public/requests/download": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The copy of the data at one customer as a zip, for 7 days, by the secret of the request: `export.json`, its schema, and a page in English and German
         * @description For everybody.
         */
        post: operations["downloadCopy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/public/requests/withdraw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Withdraws a request, while nothing is destroyed, by its secret
         * @description For everybody.
         */
        post: operations["withdrawRequest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/opendsr/discovery": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What we support of OpenDSR
         * @description For everybody.
         */
        get: operations["discoverOpenDsr"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/opendsr/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Requests a right for people of the tenant, in the form of OpenDSR
         * @description For the permission `requests:write`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator, or an API key with this scope. A person needs a fresh second factor.
         */
        post: operations["createOpenDsrRequest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/opendsr/requests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The status of such a request
         * @description For the permission `requests:others`: owner, dpo, or an API key with this scope.
         */
        get: operations["showOpenDsrRequest"];
        put?: never;
        post?: never;
        /**
         * Withdraws such a request, while nothing is destroyed
         * @description For the permission `requests:write`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator, or an API key with this scope. A person needs a fresh second factor.
         */
        delete: operations["cancelOpenDsrRequest"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All holds, also those that have ended. Newest first
         * @description For the permission `holds:read`: privacy-officer, operator, or an API key with this scope.
         */
        get: operations["listHolds"];
        put?: never;
        /**
         * Keeps the records of a person in one store of a tenant until a date; who calls it approves it
         * @description For the permission `holds:write`: privacy-officer, operator, or an API key with this scope. A person needs a fresh second factor.
         */
        post: operations["createHold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/holds/{id}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ends a hold. The erasures that it held run again
         * @description For the permission `holds:write`: privacy-officer, operator, or an API key with this scope. A person needs a fresh second factor.
         */
        post: operations["releaseHold"];
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
                                person: {
                                    [key: string]: string;
                                } | null;
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
                            balancingTest?: "security-log" | "recipient-sketches";
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
                            balancingTest?: "security-log" | "recipient-sketches";
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
                            balancingTest?: "security-log" | "recipient-sketches";
                            name: string;
                            holds: string;
                            /** @constant */
                            rare?: true;
                        }[];
                        metricLabels: {
                            /** @enum {string} */
                            basis: "instruction of the customer" | "contract" | "legitimate interest" | "legal obligation" | "consent" | "none needed";
                            /** @enum {string} */
                            balancingTest?: "security-log" | "recipient-sketches";
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
                            state: "planting" | "fencing" | "purging" | "sweeping" | "shredding" | "sweeping_again" | "lifting" | "completed_live" | "partial" | "failed";
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
                    /** @description Only this address is erased, in the data of this tenant */
                    address?: string;
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
                     *       "completedAt": null,
                     *       "notified": []
                     *     }
                     */
                    "application/json": {
                        id: string;
                        /** @enum {string} */
                        state: "planting" | "fencing" | "purging" | "sweeping" | "shredding" | "sweeping_again" | "lifting" | "completed_live" | "partial" | "failed";
                        /**
                         * @description Progress, also while the erasure is partial or failed
                         * @enum {string}
                         */
                        step: "planting" | "fencing" | "purging" | "sweeping" | "shredding" | "sweeping_again" | "lifting" | "completed_live";
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
                                kind: "tenant" | "person";
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
                        /** @description The sub-processors that are told (GDPR Art. 19, 28(4)). Empty if a request of a person has them */
                        notified: {
                            /** @description Name of the sub-processor */
                            recipient: string;
                            /** @description When our relay has accepted the mail; `null`: not yet, or none */
                            at: string | null;
                            /** @description Why it gets no mail */
                            reason: string | null;
                            /** @description Id of the mail */
                            message: string | null;
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
    downloadExport: {
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
                    /** @description The name of the file */
                    "content-disposition": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": unknown;
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["fresh-factor-required"];
            404: components["responses"]["not-found"];
            409: components["responses"]["conflict"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    showUnsubscribe: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
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
                     *       "state": "not_objected_here"
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        state: "not_objected_here";
                    };
                    "text/html": unknown;
                };
            };
            400: components["responses"]["invalid-request"];
            404: components["responses"]["not-found"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    unsubscribe: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "List-Unsubscribe": "One-Click"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    "List-Unsubscribe": "One-Click";
                };
                "application/x-www-form-urlencoded": {
                    /** @constant */
                    "List-Unsubscribe": "One-Click";
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
                     *       "state": "objected"
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        state: "objected";
                    };
                    "text/html": unknown;
                };
            };
            400: components["responses"]["invalid-request"];
            404: components["responses"]["not-found"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    showNotice: {
        parameters: {
            query?: {
                /** @description The default is by Accept-Language */
                language?: "en" | "de";
                /** @description Number of an edition. The default is the one in force */
                edition?: number;
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
                    /** @description Language of the document */
                    "content-language": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        kind: "notice" | "records" | "annexes" | "sub-processors";
                        /** @enum {string} */
                        language: "en" | "de";
                        title: string;
                        edition: {
                            number: number;
                            /**
                             * @description `announced`: it takes effect later. `replaced`: a newer one is in force, or announced
                             * @enum {string}
                             */
                            state: "announced" | "effective" | "replaced";
                            /** Format: date-time */
                            announcedAt: string;
                            /** Format: date-time */
                            effectiveAt: string;
                            /** @description Of all documents of the edition */
                            sha256: string;
                        };
                        /** @description The edition that is announced */
                        next: {
                            number: number;
                            /**
                             * @description `announced`: it takes effect later. `replaced`: a newer one is in force, or announced
                             * @enum {string}
                             */
                            state: "announced" | "effective" | "replaced";
                            /** Format: date-time */
                            announcedAt: string;
                            /** Format: date-time */
                            effectiveAt: string;
                            /** @description Of all documents of the edition */
                            sha256: string;
                        } | null;
                        sections: {
                            id: string;
                            /** @description What it states, by articles of the GDPR */
                            articles: string[];
                            title: string;
                            paragraphs: string[];
                            table: {
                                head: string[];
                                rows: string[][];
                            } | null;
                        }[];
                    };
                    "text/html": unknown;
                };
            };
            400: components["responses"]["invalid-request"];
            404: components["responses"]["not-found"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
        };
    };
    showSubProcessors: {
        parameters: {
            query?: {
                /** @description The default is by Accept-Language */
                language?: "en" | "de";
                /** @description Number of an edition. The default is the one in force */
                edition?: number;
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
                    /** @description Language of the document */
                    "content-language": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        kind: "notice" | "records" | "annexes" | "sub-processors";
                        /** @enum {string} */
                        language: "en" | "de";
                        title: string;
                        edition: {
                            number: number;
                            /**
                             * @description `announced`: it takes effect later. `replaced`: a newer one is in force, or announced
                             * @enum {string}
                             */
                            state: "announced" | "effective" | "replaced";
                            /** Format: date-time */
                            announcedAt: string;
                            /** Format: date-time */
                            effectiveAt: string;
                            /** @description Of all documents of the edition */
                            sha256: string;
                        };
                        /** @description The edition that is announced */
                        next: {
                            number: number;
                            /**
                             * @description `announced`: it takes effect later. `replaced`: a newer one is in force, or announced
                             * @enum {string}
                             */
                            state: "announced" | "effective" | "replaced";
                            /** Format: date-time */
                            announcedAt: string;
                            /** Format: date-time */
                            effectiveAt: string;
                            /** @description Of all documents of the edition */
                            sha256: string;
                        } | null;
                        sections: {
                            id: string;
                            /** @description What it states, by articles of the GDPR */
                            articles: string[];
                            title: string;
                            paragraphs: string[];
                            table: {
                                head: string[];
                                rows: string[][];
                            } | null;
                        }[];
                    };
                    "text/html": unknown;
                };
            };
            400: components["responses"]["invalid-request"];
            404: components["responses"]["not-found"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
        };
    };
    showAnnexes: {
        parameters: {
            query?: {
                /** @description The default is by Accept-Language */
                language?: "en" | "de";
                /** @description Number of an edition. The default is the one in force */
                edition?: number;
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
                    /** @description Language of the document */
                    "content-language": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        kind: "notice" | "records" | "annexes" | "sub-processors";
                        /** @enum {string} */
                        language: "en" | "de";
                        title: string;
                        edition: {
                            number: number;
                            /**
                             * @description `announced`: it takes effect later. `replaced`: a newer one is in force, or announced
                             * @enum {string}
                             */
                            state: "announced" | "effective" | "replaced";
                            /** Format: date-time */
                            announcedAt: string;
                            /** Format: date-time */
                            effectiveAt: string;
                            /** @description Of all documents of the edition */
                            sha256: string;
                        };
                        /** @description The edition that is announced */
                        next: {
                            number: number;
                            /**
                             * @description `announced`: it takes effect later. `replaced`: a newer one is in force, or announced
                             * @enum {string}
                             */
                            state: "announced" | "effective" | "replaced";
                            /** Format: date-time */
                            announcedAt: string;
                            /** Format: date-time */
                            effectiveAt: string;
                            /** @description Of all documents of the edition */
                            sha256: string;
                        } | null;
                        sections: {
                            id: string;
                            /** @description What it states, by articles of the GDPR */
                            articles: string[];
                            title: string;
                            paragraphs: string[];
                            table: {
                                head: string[];
                                rows: string[][];
                            } | null;
                        }[];
                    };
                    "text/html": unknown;
                };
            };
            400: components["responses"]["invalid-request"];
            404: components["responses"]["not-found"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
        };
    };
    showRecords: {
        parameters: {
            query?: {
                /** @description The default is by Accept-Language */
                language?: "en" | "de";
                /** @description Number of an edition. The default is the one in force */
                edition?: number;
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
                    /** @description Language of the document */
                    "content-language": string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "kind": "records",
                     *       "language": "en",
                     *       "title": "Records of processing activities",
                     *       "edition": {
                     *         "number": 1,
                     *         "state": "effective",
                     *         "announcedAt": "2026-11-30T12:00:00.000Z",
                     *         "effectiveAt": "2026-11-30T12:00:00.000Z",
                     *         "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
                     *       },
                     *       "next": null,
                     *       "sections": []
                     *     }
                     */
                    "application/json": {
                        /** @enum {string} */
                        kind: "notice" | "records" | "annexes" | "sub-processors";
                        /** @enum {string} */
                        language: "en" | "de";
                        title: string;
                        edition: {
                            number: number;
                            /**
                             * @description `announced`: it takes effect later. `replaced`: a newer one is in force, or announced
                             * @enum {string}
                             */
                            state: "announced" | "effective" | "replaced";
                            /** Format: date-time */
                            announcedAt: string;
                            /** Format: date-time */
                            effectiveAt: string;
                            /** @description Of all documents of the edition */
                            sha256: string;
                        };
                        /** @description The edition that is announced */
                        next: {
                            number: number;
                            /**
                             * @description `announced`: it takes effect later. `replaced`: a newer one is in force, or announced
                             * @enum {string}
                             */
                            state: "announced" | "effective" | "replaced";
                            /** Format: date-time */
                            announcedAt: string;
                            /** Format: date-time */
                            effectiveAt: string;
                            /** @description Of all documents of the edition */
                            sha256: string;
                        } | null;
                        sections: {
                            id: string;
                            /** @description What it states, by articles of the GDPR */
                            articles: string[];
                            title: string;
                            paragraphs: string[];
                            table: {
                                head: string[];
                                rows: string[][];
                            } | null;
                        }[];
                    };
                    "text/html": unknown;
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
    listEditions: {
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
                        editions: {
                            number: number;
                            /**
                             * @description `announced`: it takes effect later. `replaced`: a newer one is in force, or announced
                             * @enum {string}
                             */
                            state: "announced" | "effective" | "replaced";
                            /** Format: date-time */
                            announcedAt: string;
                            /** Format: date-time */
                            effectiveAt: string;
                            /** @description Of all documents of the edition */
                            sha256: string;
                        }[];
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
        };
    };
    listConsents: {
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
                     *       "consents": [
                     *         {
                     *           "purpose": "product-news",
                     *           "given": false,
                     *           "since": null,
                     *           "texts": [
                     *             {
                     *               "language": "en",
                     *               "text": "You may send me mail about news.",
                     *               "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
                     *             }
                     *           ]
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        consents: {
                            /** @enum {string} */
                            purpose: "product-news";
                            given: boolean;
                            /** @description `null`: never given */
                            since: string | null;
                            /** @description To be shown before the consent is given */
                            texts: {
                                /** @enum {string} */
                                language: "en" | "de";
                                text: string;
                                sha256: string;
                            }[];
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
    giveConsent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                purpose: "product-news";
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
                 *     }
                 */
                "application/json": {
                    sha256: string;
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
    withdrawConsent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                purpose: "product-news";
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
    listBreaches: {
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
                     *       "breaches": [
                     *         {
                     *           "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "awareAt": "2026-11-30T12:00:00.000Z",
                     *           "authorityDueAt": "2026-12-03T12:00:00.000Z",
                     *           "customersDueAt": "2026-12-01T12:00:00.000Z",
                     *           "authoritySettledAt": null,
                     *           "customersSettledAt": null,
                     *           "closedAt": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        breaches: {
                            id: string;
                            /** Format: date-time */
                            awareAt: string;
                            /** Format: date-time */
                            authorityDueAt: string;
                            /** Format: date-time */
                            customersDueAt: string;
                            authoritySettledAt: string | null;
                            customersSettledAt: string | null;
                            closedAt: string | null;
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
    recordBreach: {
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
                 *       "awareAt": "2026-11-30T12:00:00.000Z",
                 *       "nature": "A laptop with an API key of an operator was stolen.",
                 *       "consequences": "Ids and times of erasures could be read.",
                 *       "measures": "The key was revoked.",
                 *       "stores": [
                 *         "privacy.erasures"
                 *       ],
                 *       "tenants": []
                 *     }
                 */
                "application/json": {
                    /** Format: date-time */
                    awareAt: string;
                    /** @description What happened */
                    nature: string;
                    /** @description What probably follows for the persons concerned */
                    consequences: string;
                    /** @description What was done and is planned */
                    measures: string;
                    /** @description Ids of the stores in the registry */
                    stores: string[];
                    /** @description Ids of the customers concerned. Empty: all of them, or unknown */
                    tenants: string[];
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    /** @description URL of the breach */
                    location: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0f8fad5b-d9cb-469f-a165-70867728950e"
                     *     }
                     */
                    "application/json": {
                        id: string;
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
    showBreach: {
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
                     *       "awareAt": "2026-11-30T12:00:00.000Z",
                     *       "authorityDueAt": "2026-12-03T12:00:00.000Z",
                     *       "customersDueAt": "2026-12-01T12:00:00.000Z",
                     *       "authoritySettledAt": null,
                     *       "customersSettledAt": null,
                     *       "closedAt": null,
                     *       "nature": "A laptop with an API key of an operator was stolen.",
                     *       "consequences": "Ids and times of erasures could be read.",
                     *       "measures": "The key was revoked.",
                     *       "stores": [
                     *         "privacy.erasures"
                     *       ],
                     *       "tenants": [],
                     *       "entries": [
                     *         {
                     *           "at": "2026-11-30T12:00:00.000Z",
                     *           "by": "person:0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "kind": "recorded",
                     *           "reason": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        id: string;
                        /** Format: date-time */
                        awareAt: string;
                        /** Format: date-time */
                        authorityDueAt: string;
                        /** Format: date-time */
                        customersDueAt: string;
                        authoritySettledAt: string | null;
                        customersSettledAt: string | null;
                        closedAt: string | null;
                        /** @description What happened */
                        nature: string;
                        /** @description What probably follows for the persons concerned */
                        consequences: string;
                        /** @description What was done and is planned */
                        measures: string;
                        /** @description Ids of the stores in the registry */
                        stores: string[];
                        /** @description Ids of the customers concerned. Empty: all of them, or unknown */
                        tenants: string[];
                        entries: {
                            /** Format: date-time */
                            at: string;
                            /** @description Who recorded it */
                            by: string;
                            /** @enum {string} */
                            kind: "recorded" | "authority-told" | "authority-not-needed" | "customers-told" | "customers-not-needed" | "persons-told" | "persons-not-needed" | "note" | "closed";
                            reason: string | null;
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
    decideBreach: {
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
                 *       "decision": "authority-told",
                 *       "reason": "By its form, number 4711"
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    decision: "authority-told" | "authority-not-needed" | "customers-told" | "customers-not-needed" | "persons-told" | "persons-not-needed" | "note" | "closed";
                    reason: string;
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
            403: components["responses"]["fresh-factor-required"];
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
    draftBreachNotice: {
        parameters: {
            query?: {
                language?: "en" | "de";
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
                    /** @description Language of the draft */
                    "content-language": string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "language": "en",
                     *       "title": "Draft",
                     *       "sections": []
                     *     }
                     */
                    "application/json": {
                        /** @enum {string} */
                        language: "en" | "de";
                        title: string;
                        sections: {
                            id: string;
                            /** @description What it states, by articles of the GDPR */
                            articles: string[];
                            title: string;
                            paragraphs: string[];
                            table: {
                                head: string[];
                                rows: string[][];
                            } | null;
                        }[];
                    };
                    "text/html": unknown;
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
    listRequests: {
        parameters: {
            query?: {
                state?: "awaiting_challenge" | "received" | "waiting_for_tenant" | "in_progress" | "partial" | "failed" | "held" | "completed_live" | "completed" | "refused" | "cancelled";
                /** @description Received before this time */
                before?: string;
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
                     *       "requests": [
                     *         {
                     *           "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "kind": "access",
                     *           "channel": "api",
                     *           "state": "in_progress",
                     *           "receivedAt": "2026-11-30T12:00:00.000Z",
                     *           "dueAt": "2026-12-30T12:00:00.000Z",
                     *           "ourDueAt": "2026-12-03T12:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        requests: {
                            id: string;
                            /** @enum {string} */
                            kind: "access" | "portability" | "rectification" | "erasure" | "restriction" | "objection";
                            /** @enum {string} */
                            channel: "account" | "api" | "public" | "letter" | "mail" | "one-click";
                            /** @enum {string} */
                            state: "awaiting_challenge" | "received" | "waiting_for_tenant" | "in_progress" | "partial" | "failed" | "held" | "completed_live" | "completed" | "refused" | "cancelled";
                            /** Format: date-time */
                            receivedAt: string;
                            /**
                             * Format: date-time
                             * @description By law: one month, or three after an extension (GDPR Art. 12(3))
                             */
                            dueAt: string;
                            /**
                             * Format: date-time
                             * @description Our own target: 72 hours
                             */
                            ourDueAt: string;
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
    createRequests: {
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
                 *       "kind": "access",
                 *       "addresses": [
                 *         "jane@example.org"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    kind: "access" | "portability" | "rectification" | "erasure" | "restriction" | "objection";
                    /** @description Without it: the own account, of a person who is signed in */
                    addresses?: string[];
                    /** @description What the right needs besides the address */
                    details?: {
                        /**
                         * Format: idn-email
                         * @description Rectification: the right address
                         */
                        address?: string;
                        /** @description Rectification: the right name */
                        name?: string;
                        /** @description Restriction: ends it */
                        lift?: boolean;
                    };
                    /**
                     * @description Of mails to the person. Default en
                     * @enum {string}
                     */
                    language?: "en" | "de";
                    /**
                     * Format: uri
                     * @description Gets a signed POST when a request ends
                     */
                    callback?: string;
                };
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "requests": [
                     *         {
                     *           "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "nonce": "c0ffee"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        requests: {
                            id: string;
                            /** @description Shown once: with it and the address anybody can check the certificate */
                            nonce: string;
                        }[];
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
    showRequest: {
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
                     *       "kind": "access",
                     *       "channel": "api",
                     *       "state": "in_progress",
                     *       "receivedAt": "2026-11-30T12:00:00.000Z",
                     *       "dueAt": "2026-12-30T12:00:00.000Z",
                     *       "ourDueAt": "2026-12-03T12:00:00.000Z",
                     *       "address": "jane@example.org",
                     *       "actsAt": null,
                     *       "waitingFor": [
                     *         "logging"
                     *       ],
                     *       "receipts": [],
                     *       "certificate": null,
                     *       "download": null,
                     *       "cancellable": true,
                     *       "parent": null,
                     *       "parts": [],
                     *       "notified": [],
                     *       "history": [
                     *         {
                     *           "at": "2026-11-30T12:00:00.000Z",
                     *           "by": "token:0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "kind": "received",
                     *           "reason": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        id: string;
                        /** @enum {string} */
                        kind: "access" | "portability" | "rectification" | "erasure" | "restriction" | "objection";
                        /** @enum {string} */
                        channel: "account" | "api" | "public" | "letter" | "mail" | "one-click";
                        /** @enum {string} */
                        state: "awaiting_challenge" | "received" | "waiting_for_tenant" | "in_progress" | "partial" | "failed" | "held" | "completed_live" | "completed" | "refused" | "cancelled";
                        /** Format: date-time */
                        receivedAt: string;
                        /**
                         * Format: date-time
                         * @description By law: one month, or three after an extension (GDPR Art. 12(3))
                         */
                        dueAt: string;
                        /**
                         * Format: date-time
                         * @description Our own target: 72 hours
                         */
                        ourDueAt: string;
                        /** @description For the tenant, until the request is done */
                        address: string | null;
                        /** @description When a request that waits is executed: for the tenant, or 72 hours after a change of the account in whose session it was made */
                        actsAt: string | null;
                        waitingFor: string[];
                        receipts: {
                            store: string;
                            jws: string;
                        }[];
                        certificate: string | null;
                        /** @description Path of the data */
                        download: string | null;
                        /** @description Nothing is destroyed yet */
                        cancellable: boolean;
                        /** @description The request of which this is a part, or which it repeats */
                        parent: string | null;
                        /** @description Ids of its parts: one for each customer, or a repetition */
                        parts: string[];
                        /** @description The recipients of the data that are told what was done (GDPR Art. 19) */
                        notified: {
                            /** @description `customer`, or the name of a sub-processor */
                            recipient: string;
                            /** @description When our relay has accepted the mail; `null`: not yet, or none */
                            at: string | null;
                            /** @description Why it gets no mail */
                            reason: string | null;
                            /** @enum {string} */
                            about: "rectification" | "erasure" | "restriction" | "lifting";
                            /** @description Id of the mail */
                            message: string | null;
                        }[];
                        history: {
                            /** Format: date-time */
                            at: string;
                            by: string;
                            kind: string;
                            reason: string | null;
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
    cancelRequest: {
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
            409: components["responses"]["conflict"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    decideRequest: {
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
                 *       "decision": "extend",
                 *       "reason": "The archive has to be searched by hand."
                 *     }
                 */
                "application/json": {
                    /**
                     * @description `act`: a request that waits for the tenant is executed now, or a restriction is lifted now because you have told the person yourself (by a person, never by a key). `refuse`: by a person, never by a key. `extend`: by two months, within the first. `identified`: the person has shown who they are in another way. `challenge`: sends the mail with the link again
                     * @enum {string}
                     */
                    decision: "act" | "refuse" | "extend" | "identified" | "challenge" | "note";
                    /** @description The person learns it, if it is a refusal or an extension */
                    reason: string;
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
            403: components["responses"]["fresh-factor-required"];
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
    enterRequest: {
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
                 *       "channel": "letter",
                 *       "kind": "erasure",
                 *       "address": "jane@example.org",
                 *       "receivedAt": "2026-11-30T12:00:00.000Z",
                 *       "language": "de",
                 *       "note": "Folder 12, page 3"
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    channel: "letter" | "mail";
                    /** @enum {string} */
                    kind: "access" | "portability" | "rectification" | "erasure" | "restriction" | "objection";
                    /** Format: idn-email */
                    address: string;
                    /** @description What the right needs besides the address */
                    details?: {
                        /**
                         * Format: idn-email
                         * @description Rectification: the right address
                         */
                        address?: string;
                        /** @description Rectification: the right name */
                        name?: string;
                        /** @description Restriction: ends it */
                        lift?: boolean;
                    };
                    /**
                     * Format: date-time
                     * @description When it arrived: the clock starts then
                     */
                    receivedAt: string;
                    /** @enum {string} */
                    language: "en" | "de";
                    /** @description Where the letter is kept, or the id of the mail */
                    note: string;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    /** @description URL of the request */
                    location: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0f8fad5b-d9cb-469f-a165-70867728950e"
                     *     }
                     */
                    "application/json": {
                        id: string;
                    };
                };
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
    showRequestPolicy: {
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
                     *       "mode": "wait",
                     *       "days": 7,
                     *       "disclosedAs": null
                     *     }
                     */
                    "application/json": {
                        /**
                         * @description `wait`: requests of the public page wait for you, and are executed after the days
                         * @enum {string}
                         */
                        mode: "act_at_once" | "wait";
                        /** @description How long they wait */
                        days: number;
                        /** @description What the person learns about who you are; the person then downloads the copy, too. `null`: nothing, and you send the copy */
                        disclosedAs: string | null;
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
    setRequestPolicy: {
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
                 *       "mode": "wait",
                 *       "days": 7,
                 *       "disclosedAs": null
                 *     }
                 */
                "application/json": {
                    /**
                     * @description `wait`: requests of the public page wait for you, and are executed after the days
                     * @enum {string}
                     */
                    mode: "act_at_once" | "wait";
                    /** @description How long they wait */
                    days: number;
                    /** @description What the person learns about who you are; the person then downloads the copy, too. `null`: nothing, and you send the copy */
                    disclosedAs: string | null;
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
    showRequestForm: {
        parameters: {
            query?: {
                /** @description The default is by Accept-Language */
                language?: "en" | "de";
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
                    /** @description Language of the page */
                    "content-language": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        kinds: ("access" | "portability" | "rectification" | "erasure" | "restriction" | "objection")[];
                        contact: string;
                    };
                    "text/html": unknown;
                };
            };
            400: components["responses"]["invalid-request"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
        };
    };
    requestPublicly: {
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
                 *       "address": "jane@example.org",
                 *       "kind": "erasure"
                 *     }
                 */
                "application/json": {
                    /** Format: idn-email */
                    address: string;
                    /** @enum {string} */
                    kind: "access" | "portability" | "rectification" | "erasure" | "restriction" | "objection";
                    /**
                     * @description The default is by Accept-Language
                     * @enum {string}
                     */
                    language?: "en" | "de";
                };
                "application/x-www-form-urlencoded": {
                    /** Format: idn-email */
                    address: string;
                    /** @enum {string} */
                    kind: "access" | "portability" | "rectification" | "erasure" | "restriction" | "objection";
                    /**
                     * @description The default is by Accept-Language
                     * @enum {string}
                     */
                    language?: "en" | "de";
                };
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    /** @description Language of the page */
                    "content-language": string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "next": "mail"
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        next: "mail";
                    };
                    "text/html": unknown;
                };
            };
            400: components["responses"]["invalid-request"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
        };
    };
    showConfirmation: {
        parameters: {
            query?: {
                /** @description The default is by Accept-Language */
                language?: "en" | "de";
                code?: string;
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
                    /** @description Language of the page */
                    "content-language": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        next: "confirm";
                    };
                    "text/html": unknown;
                };
            };
            400: components["responses"]["invalid-request"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
        };
    };
    confirmRequest: {
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
                 *       "code": "xxxxxxxxxxxxxxxxxxxxxx"
                 *     }
                 */
                "application/json": {
                    code: string;
                    /**
                     * @description The default is by Accept-Language
                     * @enum {string}
                     */
                    language?: "en" | "de";
                };
                "application/x-www-form-urlencoded": {
                    code: string;
                    /**
                     * @description The default is by Accept-Language
                     * @enum {string}
                     */
                    language?: "en" | "de";
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    /** @description Language of the page */
                    "content-language": string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *       "secret": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                     *       "nonce": "c0ffee"
                     *     }
                     */
                    "application/json": {
                        id: string;
                        /** @description Shown once: shows the state of the request */
                        secret: string;
                        /** @description Shown once: with it and the address anybody can check a certificate */
                        nonce: string;
                    };
                    "text/html": unknown;
                };
            };
            400: components["responses"]["invalid-request"];
            404: components["responses"]["not-found"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
        };
    };
    showRequestStatus: {
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
                 *       "secret": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                 *     }
                 */
                "application/json": {
                    secret: string;
                    /**
                     * @description The default is by Accept-Language
                     * @enum {string}
                     */
                    language?: "en" | "de";
                };
                "application/x-www-form-urlencoded": {
                    secret: string;
                    /**
                     * @description The default is by Accept-Language
                     * @enum {string}
                     */
                    language?: "en" | "de";
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    /** @description Language of the page */
                    "content-language": string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "kind": "erasure",
                     *       "state": "completed_live",
                     *       "receivedAt": "2026-11-30T12:00:00.000Z",
                     *       "dueAt": "2026-12-30T12:00:00.000Z",
                     *       "cancellable": false,
                     *       "parts": [
                     *         {
                     *           "state": "completed_live",
                     *           "certificate": "a.b.c",
                     *           "reason": null,
                     *           "by": null,
                     *           "copy": null,
                     *           "download": null,
                     *           "notified": [
                     *             {
                     *               "recipient": "Example Hosting GmbH",
                     *               "at": "2026-11-30T12:00:00.000Z",
                     *               "reason": null
                     *             }
                     *           ]
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        /** @enum {string} */
                        kind: "access" | "portability" | "rectification" | "erasure" | "restriction" | "objection";
                        /** @enum {string} */
                        state: "awaiting_challenge" | "received" | "waiting_for_tenant" | "in_progress" | "partial" | "failed" | "held" | "completed_live" | "completed" | "refused" | "cancelled";
                        /** Format: date-time */
                        receivedAt: string;
                        /** Format: date-time */
                        dueAt: string;
                        cancellable: boolean;
                        /** @description What was done: one for each customer that had data */
                        parts: {
                            /** @enum {string} */
                            state: "awaiting_challenge" | "received" | "waiting_for_tenant" | "in_progress" | "partial" | "failed" | "held" | "completed_live" | "completed" | "refused" | "cancelled";
                            certificate: string | null;
                            /** @description Of a refusal */
                            reason: string | null;
                            /** @description Who the customer is, if the customer says so */
                            by: string | null;
                            /** @description Of access and portability, once the copy is made. `download`: here, for 7 days. `sent_by_customer`: the customer does not say who it is, and a copy would, so the customer sends it */
                            copy: ("download" | "sent_by_customer" | "ended") | null;
                            /** @description What `POST /v1/public/requests/download` takes, and until when */
                            download: {
                                part: string;
                                /** Format: date-time */
                                until: string;
                            } | null;
                            /** @description The sub-processors that are told what was done, in the language of the answer (GDPR Art. 19) */
                            notified: {
                                /** @description Name of the sub-processor */
                                recipient: string;
                                /** @description When our relay has accepted the mail; `null`: not yet, or none */
                                at: string | null;
                                /** @description Why it gets no mail */
                                reason: string | null;
                            }[];
                        }[];
                    };
                    "text/html": unknown;
                };
            };
            400: components["responses"]["invalid-request"];
            404: components["responses"]["not-found"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
        };
    };
    downloadCopy: {
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
                 *       "secret": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                 *       "part": "0f8fad5b-d9cb-469f-a165-70867728950e"
                 *     }
                 */
                "application/json": {
                    secret: string;
                    part: string;
                };
                "application/x-www-form-urlencoded": {
                    secret: string;
                    part: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    /** @description The name of the file */
                    "content-disposition": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": unknown;
                };
            };
            400: components["responses"]["invalid-request"];
            404: components["responses"]["not-found"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
        };
    };
    withdrawRequest: {
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
                 *       "secret": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                 *     }
                 */
                "application/json": {
                    secret: string;
                    /**
                     * @description The default is by Accept-Language
                     * @enum {string}
                     */
                    language?: "en" | "de";
                };
                "application/x-www-form-urlencoded": {
                    secret: string;
                    /**
                     * @description The default is by Accept-Language
                     * @enum {string}
                     */
                    language?: "en" | "de";
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    /** @description Language of the page */
                    "content-language": string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "kind": "erasure",
                     *       "state": "cancelled",
                     *       "receivedAt": "2026-11-30T12:00:00.000Z",
                     *       "dueAt": "2026-12-30T12:00:00.000Z",
                     *       "cancellable": false,
                     *       "parts": [
                     *         {
                     *           "state": "completed_live",
                     *           "certificate": "a.b.c",
                     *           "reason": null,
                     *           "by": null,
                     *           "copy": null,
                     *           "download": null,
                     *           "notified": [
                     *             {
                     *               "recipient": "Example Hosting GmbH",
                     *               "at": "2026-11-30T12:00:00.000Z",
                     *               "reason": null
                     *             }
                     *           ]
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        /** @enum {string} */
                        kind: "access" | "portability" | "rectification" | "erasure" | "restriction" | "objection";
                        /** @enum {string} */
                        state: "awaiting_challenge" | "received" | "waiting_for_tenant" | "in_progress" | "partial" | "failed" | "held" | "completed_live" | "completed" | "refused" | "cancelled";
                        /** Format: date-time */
                        receivedAt: string;
                        /** Format: date-time */
                        dueAt: string;
                        cancellable: boolean;
                        /** @description What was done: one for each customer that had data */
                        parts: {
                            /** @enum {string} */
                            state: "awaiting_challenge" | "received" | "waiting_for_tenant" | "in_progress" | "partial" | "failed" | "held" | "completed_live" | "completed" | "refused" | "cancelled";
                            certificate: string | null;
                            /** @description Of a refusal */
                            reason: string | null;
                            /** @description Who the customer is, if the customer says so */
                            by: string | null;
                            /** @description Of access and portability, once the copy is made. `download`: here, for 7 days. `sent_by_customer`: the customer does not say who it is, and a copy would, so the customer sends it */
                            copy: ("download" | "sent_by_customer" | "ended") | null;
                            /** @description What `POST /v1/public/requests/download` takes, and until when */
                            download: {
                                part: string;
                                /** Format: date-time */
                                until: string;
                            } | null;
                            /** @description The sub-processors that are told what was done, in the language of the answer (GDPR Art. 19) */
                            notified: {
                                /** @description Name of the sub-processor */
                                recipient: string;
                                /** @description When our relay has accepted the mail; `null`: not yet, or none */
                                at: string | null;
                                /** @description Why it gets no mail */
                                reason: string | null;
                            }[];
                        }[];
                    };
                    "text/html": unknown;
                };
            };
            400: components["responses"]["invalid-request"];
            404: components["responses"]["not-found"];
            409: components["responses"]["conflict"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
        };
    };
    discoverOpenDsr: {
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
                        api_version: string;
                        supported_identities: {
                            identity_type: string;
                            identity_format: string;
                        }[];
                        supported_subject_request_types: string[];
                        /** @description URL of the keys (JWK Set) of our signatures */
                        processor_certificate: string;
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
        };
    };
    createOpenDsrRequest: {
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
                 *       "regulation": "gdpr",
                 *       "subject_request_id": "a7551968-d5d6-44b2-9831-815ac9017798",
                 *       "subject_request_type": "erasure",
                 *       "submitted_time": "2026-11-30T12:00:00.000Z",
                 *       "subject_identities": [
                 *         {
                 *           "identity_type": "email",
                 *           "identity_value": "jane@example.org",
                 *           "identity_format": "raw"
                 *         }
                 *       ],
                 *       "api_version": "2.0",
                 *       "status_callback_urls": [
                 *         "https://example.org/opendsr/callbacks"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    regulation?: "gdpr";
                    /** Format: uuid */
                    subject_request_id: string;
                    /** @enum {string} */
                    subject_request_type: "access" | "portability" | "erasure" | "rectification" | "restriction" | "objection";
                    /** Format: date-time */
                    submitted_time: string;
                    subject_identities: {
                        /** @constant */
                        identity_type: "email";
                        /** Format: idn-email */
                        identity_value: string;
                        /** @constant */
                        identity_format: "raw";
                    }[];
                    api_version?: string;
                    property_id?: string;
                    status_callback_urls?: string[];
                    /** @description By domain of a processor. We ignore them */
                    extensions?: {
                        [key: string]: unknown;
                    };
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    /** @description Host of this API */
                    "x-opendsr-processor-domain": string;
                    /** @description Detached JWS (RFC 7515 appendix F) over `encoded_request` */
                    "x-opendsr-signature": string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "controller_id": "a7551968-d5d6-44b2-9831-815ac9017798",
                     *       "expected_completion_time": "2026-12-30T12:00:00.000Z",
                     *       "subject_request_id": "a7551968-d5d6-44b2-9831-815ac9017798",
                     *       "received_time": "2026-11-30T12:00:00.000Z",
                     *       "encoded_request": "e30=",
                     *       "extensions": {
                     *         "mysmtp": {
                     *           "requests": [
                     *             {
                     *               "id": "a7551968-d5d6-44b2-9831-815ac9017798",
                     *               "nonce": "c0ffee"
                     *             }
                     *           ]
                     *         }
                     *       }
                     *     }
                     */
                    "application/json": {
                        /** @description Id of the tenant */
                        controller_id: string;
                        /** Format: date-time */
                        expected_completion_time: string;
                        subject_request_id: string;
                        /** Format: date-time */
                        received_time: string;
                        /** @description What we received, as JSON in base64 */
                        encoded_request: string;
                        extensions: {
                            mysmtp: {
                                requests: {
                                    id: string;
                                    nonce: string;
                                }[];
                            };
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
    showOpenDsrRequest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `subject_request_id` */
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
                     *       "controller_id": "a7551968-d5d6-44b2-9831-815ac9017798",
                     *       "expected_completion_time": "2026-12-30T12:00:00.000Z",
                     *       "subject_request_id": "a7551968-d5d6-44b2-9831-815ac9017798",
                     *       "request_status": "in_progress",
                     *       "api_version": "2.0",
                     *       "results_url": null
                     *     }
                     */
                    "application/json": {
                        /** @description Id of the tenant */
                        controller_id: string;
                        /** Format: date-time */
                        expected_completion_time: string;
                        subject_request_id: string;
                        /** @enum {string} */
                        request_status: "pending" | "in_progress" | "completed" | "cancelled";
                        api_version: string;
                        results_url: string | null;
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
    cancelOpenDsrRequest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `subject_request_id` */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "controller_id": "a7551968-d5d6-44b2-9831-815ac9017798",
                     *       "subject_request_id": "a7551968-d5d6-44b2-9831-815ac9017798",
                     *       "received_time": "2026-11-30T12:00:00.000Z"
                     *     }
                     */
                    "application/json": {
                        controller_id: string;
                        subject_request_id: string;
                        /** Format: date-time */
                        received_time: string;
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["fresh-factor-required"];
            404: components["responses"]["not-found"];
            409: components["responses"]["conflict"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    listHolds: {
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
                     *       "holds": [
                     *         {
                     *           "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "tenant": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "store": "logging.messages",
                     *           "ground": "Claim of the customer, file number 4711 (GDPR Art. 17(3)(e))",
                     *           "approvedBy": "person:0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "at": "2026-11-30T12:00:00.000Z",
                     *           "until": "2027-11-30T12:00:00.000Z",
                     *           "releasedAt": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        holds: {
                            id: string;
                            tenant: string;
                            store: string;
                            ground: string;
                            approvedBy: string;
                            /** Format: date-time */
                            at: string;
                            /** Format: date-time */
                            until: string;
                            releasedAt: string | null;
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
    createHold: {
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
                 *       "address": "jane@example.org",
                 *       "store": "logging.messages",
                 *       "ground": "Claim of the customer, file number 4711 (GDPR Art. 17(3)(e))",
                 *       "until": "2027-11-30T12:00:00.000Z"
                 *     }
                 */
                "application/json": {
                    tenant: string;
                    /** Format: idn-email */
                    address: string;
                    /** @description Id of a store of the registry */
                    store: string;
                    /** @description Why, with the article of the law. The certificate states it */
                    ground: string;
                    /** Format: date-time */
                    until: string;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    /** @description URL of the hold */
                    location: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0f8fad5b-d9cb-469f-a165-70867728950e"
                     *     }
                     */
                    "application/json": {
                        id: string;
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
    releaseHold: {
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
                 *       "reason": "The claim is settled."
                 *     }
                 */
                "application/json": {
                    reason: string;
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
            403: components["responses"]["fresh-factor-required"];
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
