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
        /**
         * Sets a customer's plan, and limits of its own in place of those of the plan
         * @description For the permission `tenants:write`: support, operator, or an API key with this scope. A person needs a fresh second factor.
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
         * @description For the permission `domains:read`: owner, admin, developer, dpo, reader, support, operator, or an API key with this scope.
         */
        get: operations["listDomains"];
        put?: never;
        /**
         * Adds a sender domain, unverified unless an operator vouches for it
         * @description For the permission `domains:create`: owner, admin, support, operator, or an API key with this scope.
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
         * @description For the permission `domains:vouch`: support, operator, or an API key with this scope.
         */
        post: operations["vouchForDomain"];
        /**
         * Ends a vouch: the domain is unverified until DNS shows its ownership record
         * @description For the permission `domains:vouch`: support, operator, or an API key with this scope.
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
    "/v1/domains/{id}/records": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The DNS records that a domain should have, with the results of the last check
         * @description For the permission `domains:read`: owner, admin, developer, dpo, reader, support, operator, or an API key with this scope.
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
         * @description For the permission `domains:write`: owner, admin, support, operator, or an API key with this scope.
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
         * @description For the permission `credentials:read`: owner, admin, developer, dpo, reader, support, operator, or an API key with this scope.
         */
        get: operations["listCredentials"];
        put?: never;
        /**
         * Creates a credential: a user name and password, shown once, or a network. With an API key that has networks or an end, the credential has them, too
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
        /**
         * Changes what a credential may do and how it is described; `null` removes a value
         * @description For the permission `credentials:write`: owner, admin, developer, support, operator, or an API key with this scope. A person needs a fresh second factor.
         */
        patch: operations["changeCredential"];
        trace?: never;
    };
    "/v1/credentials/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Gives a credential a new password, shown once; the old one stays valid for a while
         * @description For the permission `credentials:write`: owner, admin, developer, support, operator, or an API key with this scope. A person needs a fresh second factor.
         */
        post: operations["rotateCredential"];
        delete?: never;
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
         * Creates the successor of an API key, shown once; the key itself stays valid for some hours. A key rotates no wider key
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
    "/v1/suspensions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Why a tenant or its credentials are stopped, with appeals and answers; newest first
         * @description For the permission `suspensions:read`: owner, admin, developer, dpo, reader, support, privacy-officer, operator, or an API key with this scope.
         */
        get: operations["listSuspensions"];
        put?: never;
        /**
         * Stops a tenant or a credential, with a reason that the tenant reads. `restricted`: its data is kept and not used (GDPR Art. 18)
         * @description For the permission `suspensions:write`: support, privacy-officer, operator, or an API key with this scope. A person needs a fresh second factor.
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
         * @description For the permission `suspensions:appeal`: owner, admin, dpo, or an API key with this scope.
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
         * @description For the permission `suspensions:write`: support, privacy-officer, operator, or an API key with this scope. A person needs a fresh second factor.
         */
        post: operations["answerSuspension"];
        delete?: never;
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
    "/v1/sign-ups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sends a link to an address, by which its owner makes an account for a new tenant
         * @description For everybody.
         */
        post: operations["signUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-ups/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Makes a tenant and the account of its owner, by the secret of the link
         * @description For everybody.
         */
        post: operations["finishSignUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-ins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Checks a password. Answers what to present next, or with a session that can only enrol a second factor
         * @description For everybody.
         */
        post: operations["signIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-ins/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Opens a session, after the second factor
         * @description For everybody.
         */
        post: operations["finishSignIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/password-resets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sends a link by which a new password is set, if there is such an account
         * @description For everybody.
         */
        post: operations["requestReset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/password-resets/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sets a new password, and ends all sessions; the second factor stays
         * @description For everybody.
         */
        post: operations["finishReset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invitations/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Makes the account of an invited person, by the secret of the link
         * @description For everybody.
         */
        post: operations["acceptInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account/address/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replaces the address of an account, by the link that was sent to the new one
         * @description For everybody.
         */
        post: operations["confirmAddress"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account/address/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restores the old address for 72 hours, by the link that was sent to it; ends all sessions
         * @description For everybody.
         */
        post: operations["undoAddress"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lost-factors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Requests of people who have lost their second factor
         * @description For the permission `people:read`: owner, admin, dpo, operator, or an API key with this scope.
         */
        get: operations["listLostFactors"];
        put?: never;
        /**
         * Asks a human to let a person replace a lost second factor, after the password
         * @description For everybody.
         */
        post: operations["requestLostFactor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lost-factors/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancels such a request, by the link in its notice
         * @description For everybody.
         */
        post: operations["cancelLostFactor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The account of the person who is signed in
         * @description For the permission `account:read`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator.
         */
        get: operations["readAccount"];
        put?: never;
        post?: never;
        /**
         * Deletes the own account; an owner transfers the ownership before
         * @description For the permission `account:secure`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator. A person needs a fresh second factor.
         */
        delete: operations["leave"];
        options?: never;
        head?: never;
        /**
         * Corrects the name in the own account
         * @description For the permission `account:write`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator.
         */
        patch: operations["changeAccount"];
        trace?: never;
    };
    "/v1/account/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Changes the own password, and ends all other sessions
         * @description For the permission `account:secure`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator. A person needs a fresh second factor.
         */
        post: operations["changePassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account/address": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sends a link to a new address; nothing changes before the link is used
         * @description For the permission `account:secure`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator. A person needs a fresh second factor.
         */
        post: operations["changeAddress"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The own open sessions
         * @description For the permission `account:read`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator.
         */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        /**
         * Ends all own sessions, this one too
         * @description For the permission `account:write`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator.
         */
        delete: operations["endSessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account/sessions/{id}": {
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
         * Ends one own session: signs out, if it is this one
         * @description For the permission `account:write`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator.
         */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account/step-ups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begins to present a second factor again
         * @description For the permission `account:write`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator.
         */
        post: operations["beginStepUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account/step-ups/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Makes the second factor of this session fresh for five minutes
         * @description For the permission `account:write`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator.
         */
        post: operations["finishStepUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A new secret for an authenticator app, shown once; it is not in force yet
         * @description For the permission `factors:enrol`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator. A person needs a fresh second factor.
         */
        post: operations["beginTotp"];
        /**
         * Removes the authenticator app, if there is a passkey
         * @description For the permission `account:secure`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator. A person needs a fresh second factor.
         */
        delete: operations["removeTotp"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account/totp/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Adds the authenticator app, by a code that shows that it has the secret
         * @description For the permission `factors:enrol`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator. A person needs a fresh second factor.
         */
        post: operations["finishTotp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account/passkeys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begins the registration of a passkey
         * @description For the permission `factors:enrol`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator. A person needs a fresh second factor.
         */
        post: operations["beginPasskey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account/passkeys/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Adds a passkey, by the response of the authenticator
         * @description For the permission `factors:enrol`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator. A person needs a fresh second factor.
         */
        post: operations["finishPasskey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account/passkeys/{id}": {
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
         * Removes a passkey, if there is another second factor
         * @description For the permission `account:secure`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator. A person needs a fresh second factor.
         */
        delete: operations["removePasskey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account/recovery-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replaces the ten recovery codes; the new ones are shown once
         * @description For the permission `account:secure`: owner, admin, developer, dpo, reader, support, on-call, privacy-officer, operator. A person needs a fresh second factor.
         */
        post: operations["renewRecoveryCodes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The people of the own tenant, or of the operators' realm
         * @description For the permission `people:read`: owner, admin, dpo, operator, or an API key with this scope.
         */
        get: operations["listPeople"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/{id}": {
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
         * Deletes the account of a person, and ends its sessions at once; not that of the owner
         * @description For the permission `people:write`: owner, admin, operator. A person needs a fresh second factor.
         */
        delete: operations["removePerson"];
        options?: never;
        head?: never;
        /**
         * Changes the role of a person, but not that of the owner
         * @description For the permission `people:write`: owner, admin, operator. A person needs a fresh second factor.
         */
        patch: operations["changePerson"];
        trace?: never;
    };
    "/v1/ownership": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Makes another person the owner; the present one becomes an admin
         * @description For the permission `ownership:transfer`: owner. A person needs a fresh second factor.
         */
        post: operations["transferOwnership"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The open invitations
         * @description For the permission `people:read`: owner, admin, dpo, operator, or an API key with this scope.
         */
        get: operations["listInvitations"];
        put?: never;
        /**
         * Invites a person by mail, at most twenty in a day. An owner is invited only if there is none
         * @description For the permission `people:write`: owner, admin, operator. A person needs a fresh second factor.
         */
        post: operations["invite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invitations/{id}": {
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
         * Withdraws an invitation
         * @description For the permission `people:write`: owner, admin, operator. A person needs a fresh second factor.
         */
        delete: operations["withdrawInvitation"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lost-factors/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Starts the waiting time of 72 hours, after which the person may replace the factor
         * @description For the permission `people:write`: owner, admin, operator. A person needs a fresh second factor.
         */
        post: operations["approveLostFactor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lost-factors/{id}": {
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
         * Refuses such a request
         * @description For the permission `people:write`: owner, admin, operator. A person needs a fresh second factor.
         */
        delete: operations["refuseLostFactor"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{id}/lost-factors/{request}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The same by an operator, for a tenant in which nobody else can; by the number in the notice
         * @description For the permission `lost-factors:approve`: support, operator. A person needs a fresh second factor.
         */
        post: operations["approveLostFactorOfTenant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in-provider": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The OpenID provider by which the people of the tenant sign in, without its secret
         * @description For the permission `sign-in-provider:read`: owner, admin.
         */
        get: operations["readSignInProvider"];
        /**
         * Configures the provider, which must answer. Another issuer or client needs its secret
         * @description For the permission `sign-in-provider:write`: owner, admin. A person needs a fresh second factor.
         */
        put: operations["configureSignInProvider"];
        post?: never;
        /**
         * Removes the provider. People who have no password reset it
         * @description For the permission `sign-in-provider:write`: owner, admin. A person needs a fresh second factor.
         */
        delete: operations["removeSignInProvider"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-ins/provider": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begins a sign-in by the provider of a tenant. The browser goes to the URL
         * @description For everybody.
         */
        post: operations["beginProviderSignIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-ins/provider/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes the answer of the provider. Answers what to present next, or with a session; without a second factor it can only enrol one
         * @description For everybody.
         */
        post: operations["finishProviderSignIn"];
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
        /** @description A second factor is required that was presented within the last five minutes */
        "fresh-factor-required": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Wrong address, password or second factor */
        "wrong-credentials": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The sign-in at the provider leads to no account */
        "sign-in-refused": {
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
                    /** Format: idn-email */
                    owner?: string;
                    /** @description Without it the customer verifies the domain by DNS */
                    vouch?: {
                        /** @description Why the operator knows that the domain is the tenant’s */
                        reason: string;
                        /**
                         * @description Use the domain without a lookup in DNS: sign with a key that DNS does not publish too
                         * @default false
                         */
                        withoutDns?: boolean;
                    };
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
                     *           "apiKeys": 200,
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
                                apiKeys: number;
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
                        apiKeys?: number | null;
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
                     *       "plan": "medium",
                     *       "limits": {
                     *         "messagesPerHour": 50000,
                     *         "recipientsPerHour": 100000,
                     *         "octetsPerHour": 50000000000,
                     *         "messagesPerDay": 600000,
                     *         "recipientsPerDay": 1000000,
                     *         "octetsPerDay": 500000000000,
                     *         "messagesPerMonth": 10000000,
                     *         "recipientsPerMonth": 20000000,
                     *         "octetsPerMonth": 10000000000000,
                     *         "credentialMessagesPerHour": 50000,
                     *         "credentialRecipientsPerHour": 100000,
                     *         "credentialOctetsPerHour": 50000000000,
                     *         "credentialMessagesPerDay": 500000,
                     *         "credentialRecipientsPerDay": 1000000,
                     *         "credentialOctetsPerDay": 500000000000,
                     *         "credentialMessagesPerMonth": 10000000,
                     *         "credentialRecipientsPerMonth": 20000000,
                     *         "credentialOctetsPerMonth": 10000000000000,
                     *         "connections": 100,
                     *         "credentials": 100,
                     *         "apiKeys": 200,
                     *         "apiRequestsPerMinute": 6000,
                     *         "bouncePercent": 10,
                     *         "throttledMessagesPerHour": 500
                     *       }
                     *     }
                     */
                    "application/json": {
                        /** @enum {string} */
                        plan: "small" | "medium" | "large";
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
                            apiKeys: number;
                            apiRequestsPerMinute: number;
                            bouncePercent: number;
                            throttledMessagesPerHour: number;
                        };
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
                         * @description Use the domain without a lookup in DNS: sign with a key that DNS does not publish too
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
                     * @description Use the domain without a lookup in DNS: sign with a key that DNS does not publish too
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
            404: components["responses"]["not-found"];
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
                            kind: "ownership" | "dkim" | "dkim-ed25519" | "spf" | "dmarc" | "mx" | "return-path" | "mta-sts" | "tls-rpt";
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
                            kind: "ownership" | "dkim" | "dkim-ed25519" | "spf" | "dmarc" | "mx" | "return-path" | "mta-sts" | "tls-rpt";
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
            404: components["responses"]["not-found"];
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
                     *           "createdAt": "2026-01-31T12:00:00.000Z",
                     *           "lastUsedAt": null,
                     *           "senders": null,
                     *           "networks": null,
                     *           "sandbox": false,
                     *           "expiresAt": null,
                     *           "purpose": null,
                     *           "basis": null,
                     *           "previousUntil": null,
                     *           "network": "192.0.2.0/28"
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
                            /** @description Exact to about a minute */
                            lastUsedAt: string | null;
                            senders: string[] | null;
                            networks: string[] | null;
                            sandbox: boolean;
                            expiresAt: string | null;
                            purpose: string | null;
                            basis: ("consent" | "contract" | "legal-obligation" | "vital-interests" | "public-task" | "legitimate-interests") | null;
                            /** @description Until when the password before a rotation is valid */
                            previousUntil: string | null;
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
                 *       "label": "web shop",
                 *       "senders": [
                 *         "shop@example.org"
                 *       ],
                 *       "basis": "contract"
                 *     }
                 */
                "application/json": {
                    /** @description One line of text */
                    label?: string;
                    /** @description The only addresses and domains from which it may send */
                    senders?: string[];
                    /** @description The only client networks; not for a network credential */
                    networks?: string[];
                    /** @description Mail is accepted and logged, and never delivered */
                    sandbox?: boolean;
                    /** Format: date-time */
                    expiresAt?: string;
                    /** @description What the mail is sent for */
                    purpose?: string;
                    /**
                     * @description The legal basis of the mail (GDPR Art. 6(1))
                     * @enum {string}
                     */
                    basis?: "consent" | "contract" | "legal-obligation" | "vital-interests" | "public-task" | "legitimate-interests";
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
            403: components["responses"]["fresh-factor-required"];
            404: components["responses"]["not-found"];
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    changeCredential: {
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
                 *       "sandbox": false,
                 *       "senders": null
                 *     }
                 */
                "application/json": {
                    label?: string | null;
                    senders?: string[] | null;
                    networks?: string[] | null;
                    /** @description Mail is accepted and logged, and never delivered */
                    sandbox?: boolean;
                    expiresAt?: string | null;
                    purpose?: string | null;
                    basis?: ("consent" | "contract" | "legal-obligation" | "vital-interests" | "public-task" | "legitimate-interests") | null;
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
                     *       "type": "password",
                     *       "label": null,
                     *       "createdAt": "2026-01-31T12:00:00.000Z",
                     *       "lastUsedAt": null,
                     *       "senders": null,
                     *       "networks": null,
                     *       "sandbox": false,
                     *       "expiresAt": null,
                     *       "purpose": null,
                     *       "basis": null,
                     *       "previousUntil": null,
                     *       "username": "mys_abcdefghijklmnop"
                     *     }
                     */
                    "application/json": {
                        id: string;
                        /** @enum {string} */
                        type: "password" | "network";
                        label: string | null;
                        username?: string;
                        network?: string;
                        /** Format: date-time */
                        createdAt: string;
                        /** @description Exact to about a minute */
                        lastUsedAt: string | null;
                        senders: string[] | null;
                        networks: string[] | null;
                        sandbox: boolean;
                        expiresAt: string | null;
                        purpose: string | null;
                        basis: ("consent" | "contract" | "legal-obligation" | "vital-interests" | "public-task" | "legitimate-interests") | null;
                        /** @description Until when the password before a rotation is valid */
                        previousUntil: string | null;
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
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    rotateCredential: {
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
                 *       "overlapMinutes": 60
                 *     }
                 */
                "application/json": {
                    /**
                     * @description How long the old password stays valid
                     * @default 1440
                     */
                    overlapMinutes?: number;
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
                     *       "username": "mys_abcdefghijklmnop",
                     *       "password": "a2b3c4d5e6f7a2b3c4d5e6f7a2b3c4d5",
                     *       "previousUntil": "2026-01-31T13:00:00.000Z"
                     *     }
                     */
                    "application/json": {
                        id: string;
                        username: string;
                        password: string;
                        previousUntil: string | null;
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
                     *           "label": "dashboard",
                     *           "scopes": [
                     *             "messages:read"
                     *           ],
                     *           "domain": null,
                     *           "networks": [
                     *             "192.0.2.0/28"
                     *           ],
                     *           "expiresAt": null,
                     *           "lastUsedAt": "2026-01-31T12:00:00.000Z",
                     *           "createdBy": "0f8fad5b-d9cb-469f-a165-70867728950e"
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
                            scopes: ("tenants:create" | "tenants:read" | "domains:create" | "domains:vouch" | "domains:read" | "domains:write" | "audit:read" | "audit-heads:read" | "dkim:read" | "credentials:read" | "credentials:write" | "tenants:write" | "usage:read" | "suspensions:read" | "suspensions:appeal" | "suspensions:write" | "networks:create" | "tokens:read" | "access-log:read" | "messages:read" | "messages:export" | "statistics:read" | "retention:read" | "retention:write" | "suppressions:read" | "suppressions:write" | "messages:state" | "findings:read" | "held:read" | "held:settle" | "dead-letters:read" | "dead-letters:settle" | "keyring:read" | "keyring:rotate" | "erasures:read" | "erasures:request" | "exports:read" | "breaches:read" | "breaches:write" | "requests:write" | "requests:others" | "requests:read" | "requests:decide" | "requests:enter" | "request-policy:write" | "holds:read" | "holds:write" | "records:read" | "people:read")[] | null;
                            /** @description The one domain to which it is limited */
                            domain: string | null;
                            /** @description `null`: from everywhere */
                            networks: string[] | null;
                            expiresAt: string | null;
                            /** @description About a minute late */
                            lastUsedAt: string | null;
                            /** @description Id of the person who created it. It ends when this person leaves, or may not create it any more */
                            createdBy: string | null;
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
                    scopes?: ("tenants:create" | "tenants:read" | "domains:create" | "domains:vouch" | "domains:read" | "domains:write" | "audit:read" | "audit-heads:read" | "dkim:read" | "credentials:read" | "credentials:write" | "tenants:write" | "usage:read" | "suspensions:read" | "suspensions:appeal" | "suspensions:write" | "networks:create" | "tokens:read" | "access-log:read" | "messages:read" | "messages:export" | "statistics:read" | "retention:read" | "retention:write" | "suppressions:read" | "suppressions:write" | "messages:state" | "findings:read" | "held:read" | "held:settle" | "dead-letters:read" | "dead-letters:settle" | "keyring:read" | "keyring:rotate" | "erasures:read" | "erasures:request" | "exports:read" | "breaches:read" | "breaches:write" | "requests:write" | "requests:others" | "requests:read" | "requests:decide" | "requests:enter" | "request-policy:write" | "holds:read" | "holds:write" | "records:read" | "people:read")[];
                    /** @description The one domain to which the key is limited */
                    domain?: string;
                    /** @description The networks from which the key is accepted. A key that has networks creates only keys within them */
                    networks?: string[];
                    /** @description Lifetime in days. A tenant's key without it is valid until revoked, an operator's for 90 days. A key that ends creates only keys that end no later */
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
            403: components["responses"]["fresh-factor-required"];
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
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
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
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
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
    signUp: {
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
                 *       "address": "jane@example.org"
                 *     }
                 */
                "application/json": {
                    /** Format: idn-email */
                    address: string;
                };
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["invalid-request"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    finishSignUp: {
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
                 *       "tenant": "Example Ltd",
                 *       "password": "PASSWORD",
                 *       "device": "Firefox"
                 *     }
                 */
                "application/json": {
                    secret: string;
                    /** @description Name of the customer */
                    tenant: string;
                    /** @description One line of text */
                    name?: string;
                    password: string;
                    /**
                     * @description How the device describes itself, for the list of sessions
                     * @default Unknown device
                     */
                    device?: string;
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
                     *       "token": "mysmtp_session_TOKEN",
                     *       "session": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *       "expiresAt": "2026-02-01T00:00:00.000Z",
                     *       "tenant": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *       "person": "0f8fad5b-d9cb-469f-a165-70867728950e"
                     *     }
                     */
                    "application/json": {
                        token: string;
                        session: string;
                        /** Format: date-time */
                        expiresAt: string;
                        tenant: string;
                        person: string;
                    };
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
    signIn: {
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
                 *       "password": "PASSWORD",
                 *       "device": "Firefox"
                 *     }
                 */
                "application/json": {
                    /** @description The tenant; for operators the id of the operators' realm */
                    tenant: string;
                    /** Format: idn-email */
                    address: string;
                    password: string;
                    /**
                     * @description How the device describes itself, for the list of sessions
                     * @default Unknown device
                     */
                    device?: string;
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
                     *       "challenge": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                     *       "expiresAt": "2026-02-01T00:00:00.000Z",
                     *       "factors": [
                     *         "code",
                     *         "recovery-code"
                     *       ],
                     *       "passkey": null
                     *     }
                     */
                    "application/json": {
                        challenge: string;
                        /** Format: date-time */
                        expiresAt: string;
                        factors: ("code" | "passkey" | "recovery-code")[];
                        /** @description Options for the authenticator, if there is a passkey */
                        passkey: ({
                            challenge: string;
                        } & {
                            [key: string]: unknown;
                        }) | null;
                    } | {
                        token: string;
                        session: string;
                        /** Format: date-time */
                        expiresAt: string;
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            422: components["responses"]["wrong-credentials"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    finishSignIn: {
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
                 *       "challenge": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                 *       "factor": {
                 *         "code": "123456"
                 *       }
                 *     }
                 */
                "application/json": {
                    challenge: string;
                    factor: {
                        code: string;
                    } | {
                        recoveryCode: string;
                    } | {
                        passkey: {
                            id: string;
                            rawId: string;
                            /** @constant */
                            type: "public-key";
                            authenticatorAttachment?: ("platform" | "cross-platform") | null;
                            clientExtensionResults?: {
                                [key: string]: unknown;
                            };
                            response: {
                                clientDataJSON: string;
                                authenticatorData: string;
                                signature: string;
                                userHandle?: string | null;
                            };
                        };
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
                     *       "token": "mysmtp_session_TOKEN",
                     *       "session": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *       "expiresAt": "2026-02-01T00:00:00.000Z"
                     *     }
                     */
                    "application/json": {
                        token: string;
                        session: string;
                        /** Format: date-time */
                        expiresAt: string;
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            422: components["responses"]["wrong-credentials"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    requestReset: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The tenant; for operators the id of the operators' realm */
                    tenant: string;
                    /** Format: idn-email */
                    address: string;
                };
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["invalid-request"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    finishReset: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    secret: string;
                    password: string;
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
            404: components["responses"]["not-found"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    acceptInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    secret: string;
                    /** @description One line of text */
                    name?: string;
                    password: string;
                    /**
                     * @description How the device describes itself, for the list of sessions
                     * @default Unknown device
                     */
                    device?: string;
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
                    "application/json": {
                        token: string;
                        session: string;
                        /** Format: date-time */
                        expiresAt: string;
                        tenant: string;
                        person: string;
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            404: components["responses"]["not-found"];
            409: components["responses"]["conflict"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    confirmAddress: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    secret: string;
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
            404: components["responses"]["not-found"];
            409: components["responses"]["conflict"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    undoAddress: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    secret: string;
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
            404: components["responses"]["not-found"];
            409: components["responses"]["conflict"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    listLostFactors: {
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
                     *       "lostFactors": [
                     *         {
                     *           "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "person": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "requestedAt": "2026-01-31T12:00:00.000Z",
                     *           "replaceableAt": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        lostFactors: {
                            id: string;
                            person: string;
                            /** Format: date-time */
                            requestedAt: string;
                            replaceableAt: string | null;
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
    requestLostFactor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description From the answer to the password */
                    challenge: string;
                };
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["invalid-request"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            422: components["responses"]["wrong-credentials"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    cancelLostFactor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    secret: string;
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
            404: components["responses"]["not-found"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    readAccount: {
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
                     *       "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *       "address": "jane@example.org",
                     *       "name": "Jane Doe",
                     *       "role": "admin",
                     *       "hasFactor": true,
                     *       "createdAt": "2026-01-31T12:00:00.000Z",
                     *       "totp": true,
                     *       "passkeys": [],
                     *       "recoveryCodes": 10,
                     *       "session": "0f8fad5b-d9cb-469f-a165-70867728950e"
                     *     }
                     */
                    "application/json": {
                        id: string;
                        address: string;
                        name: string | null;
                        /** @enum {string} */
                        role: "owner" | "admin" | "developer" | "dpo" | "reader" | "support" | "on-call" | "privacy-officer" | "operator";
                        hasFactor: boolean;
                        /** Format: date-time */
                        createdAt: string;
                        totp: boolean;
                        passkeys: {
                            id: string;
                            label: string;
                            /** Format: date-time */
                            addedAt: string;
                        }[];
                        recoveryCodes: number;
                        session: string;
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
    leave: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
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
    changeAccount: {
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
                 *       "name": "Jane Doe"
                 *     }
                 */
                "application/json": {
                    name: string | null;
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
                     *       "address": "jane@example.org",
                     *       "name": "Jane Doe",
                     *       "role": "admin",
                     *       "hasFactor": true,
                     *       "createdAt": "2026-01-31T12:00:00.000Z",
                     *       "totp": true,
                     *       "passkeys": [],
                     *       "recoveryCodes": 10,
                     *       "session": "0f8fad5b-d9cb-469f-a165-70867728950e"
                     *     }
                     */
                    "application/json": {
                        id: string;
                        address: string;
                        name: string | null;
                        /** @enum {string} */
                        role: "owner" | "admin" | "developer" | "dpo" | "reader" | "support" | "on-call" | "privacy-officer" | "operator";
                        hasFactor: boolean;
                        /** Format: date-time */
                        createdAt: string;
                        totp: boolean;
                        passkeys: {
                            id: string;
                            label: string;
                            /** Format: date-time */
                            addedAt: string;
                        }[];
                        recoveryCodes: number;
                        session: string;
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
    changePassword: {
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
                 *       "password": "PASSWORD",
                 *       "newPassword": "NEW PASSWORD"
                 *     }
                 */
                "application/json": {
                    password: string;
                    newPassword: string;
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
            422: components["responses"]["wrong-credentials"];
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    changeAddress: {
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
                 *       "address": "jane@example.org"
                 *     }
                 */
                "application/json": {
                    /** Format: idn-email */
                    address: string;
                };
            };
        };
        responses: {
            /** @description Accepted */
            202: {
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
    listSessions: {
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
                     *       "sessions": [
                     *         {
                     *           "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "device": "Firefox",
                     *           "createdAt": "2026-01-31T12:00:00.000Z",
                     *           "usedAt": "2026-01-31T12:00:00.000Z",
                     *           "current": true
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        sessions: {
                            id: string;
                            device: string;
                            /** Format: date-time */
                            createdAt: string;
                            /** Format: date-time */
                            usedAt: string;
                            current: boolean;
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
    endSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
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
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    endSession: {
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
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    beginStepUp: {
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
                     *       "challenge": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                     *       "expiresAt": "2026-02-01T00:00:00.000Z",
                     *       "factors": [
                     *         "code",
                     *         "recovery-code"
                     *       ],
                     *       "passkey": null
                     *     }
                     */
                    "application/json": {
                        challenge: string;
                        /** Format: date-time */
                        expiresAt: string;
                        factors: ("code" | "passkey" | "recovery-code")[];
                        /** @description Options for the authenticator, if there is a passkey */
                        passkey: ({
                            challenge: string;
                        } & {
                            [key: string]: unknown;
                        }) | null;
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            404: components["responses"]["not-found"];
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    finishStepUp: {
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
                 *       "challenge": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                 *       "factor": {
                 *         "code": "123456"
                 *       }
                 *     }
                 */
                "application/json": {
                    challenge: string;
                    factor: {
                        code: string;
                    } | {
                        recoveryCode: string;
                    } | {
                        passkey: {
                            id: string;
                            rawId: string;
                            /** @constant */
                            type: "public-key";
                            authenticatorAttachment?: ("platform" | "cross-platform") | null;
                            clientExtensionResults?: {
                                [key: string]: unknown;
                            };
                            response: {
                                clientDataJSON: string;
                                authenticatorData: string;
                                signature: string;
                                userHandle?: string | null;
                            };
                        };
                    };
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
            422: components["responses"]["wrong-credentials"];
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    beginTotp: {
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
                     *       "challenge": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                     *       "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
                     *       "uri": "otpauth://totp/mySMTP:jane%40example.org?secret=…",
                     *       "qrSvg": "<svg …",
                     *       "qrText": "█▀▀█"
                     *     }
                     */
                    "application/json": {
                        challenge: string;
                        secret: string;
                        uri: string;
                        qrSvg: string;
                        qrText: string;
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
    removeTotp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
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
    finishTotp: {
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
                 *       "challenge": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                 *       "code": "123456"
                 *     }
                 */
                "application/json": {
                    challenge: string;
                    code: string;
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
                     *       "recoveryCodes": [
                     *         "abcd-efgh-ijkl-mnop-qrst-uvwx-yz23"
                     *       ],
                     *       "session": {
                     *         "token": "mysmtp_session_TOKEN",
                     *         "session": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *         "expiresAt": "2026-02-01T00:00:00.000Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        /** @description Shown once; null if the old ones stay */
                        recoveryCodes: string[] | null;
                        /** @description Replaces a session that could only enrol */
                        session: {
                            token: string;
                            session: string;
                            /** Format: date-time */
                            expiresAt: string;
                        } | null;
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["fresh-factor-required"];
            404: components["responses"]["not-found"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            422: components["responses"]["wrong-credentials"];
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    beginPasskey: {
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
                     *       "challenge": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                     *       "options": {
                     *         "challenge": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                     *       }
                     *     }
                     */
                    "application/json": {
                        challenge: string;
                        options: {
                            challenge: string;
                        } & {
                            [key: string]: unknown;
                        };
                    };
                };
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
    finishPasskey: {
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
                 *       "challenge": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                 *       "passkey": {
                 *         "id": "ID",
                 *         "rawId": "ID",
                 *         "type": "public-key",
                 *         "response": {
                 *           "clientDataJSON": "JSON",
                 *           "attestationObject": "CBOR"
                 *         }
                 *       },
                 *       "label": "Laptop"
                 *     }
                 */
                "application/json": {
                    challenge: string;
                    passkey: {
                        id: string;
                        rawId: string;
                        /** @constant */
                        type: "public-key";
                        authenticatorAttachment?: ("platform" | "cross-platform") | null;
                        clientExtensionResults?: {
                            [key: string]: unknown;
                        };
                        response: {
                            clientDataJSON: string;
                            attestationObject: string;
                            authenticatorData?: string;
                            transports?: string[];
                            publicKey?: string;
                            publicKeyAlgorithm?: number;
                        };
                    };
                    /** @description One line of text */
                    label: string;
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
                     *       "recoveryCodes": null,
                     *       "session": null
                     *     }
                     */
                    "application/json": {
                        /** @description Shown once; null if the old ones stay */
                        recoveryCodes: string[] | null;
                        /** @description Replaces a session that could only enrol */
                        session: {
                            token: string;
                            session: string;
                            /** Format: date-time */
                            expiresAt: string;
                        } | null;
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["fresh-factor-required"];
            404: components["responses"]["not-found"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            422: components["responses"]["wrong-credentials"];
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    removePasskey: {
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
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    renewRecoveryCodes: {
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
                     *       "recoveryCodes": [
                     *         "abcd-efgh-ijkl-mnop-qrst-uvwx-yz23"
                     *       ]
                     *     }
                     */
                    "application/json": {
                        recoveryCodes: string[];
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
    listPeople: {
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
                     *       "people": [
                     *         {
                     *           "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "address": "jane@example.org",
                     *           "name": "Jane Doe",
                     *           "role": "admin",
                     *           "hasFactor": true,
                     *           "createdAt": "2026-01-31T12:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        people: {
                            id: string;
                            address: string;
                            name: string | null;
                            /** @enum {string} */
                            role: "owner" | "admin" | "developer" | "dpo" | "reader" | "support" | "on-call" | "privacy-officer" | "operator";
                            hasFactor: boolean;
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
    removePerson: {
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
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    changePerson: {
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
                 *       "role": "developer"
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    role: "owner" | "admin" | "developer" | "dpo" | "reader" | "support" | "on-call" | "privacy-officer" | "operator";
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
                     *       "address": "jane@example.org",
                     *       "name": "Jane Doe",
                     *       "role": "developer",
                     *       "hasFactor": true,
                     *       "createdAt": "2026-01-31T12:00:00.000Z"
                     *     }
                     */
                    "application/json": {
                        id: string;
                        address: string;
                        name: string | null;
                        /** @enum {string} */
                        role: "owner" | "admin" | "developer" | "dpo" | "reader" | "support" | "on-call" | "privacy-officer" | "operator";
                        hasFactor: boolean;
                        /** Format: date-time */
                        createdAt: string;
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
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    transferOwnership: {
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
                 *       "person": "0f8fad5b-d9cb-469f-a165-70867728950e"
                 *     }
                 */
                "application/json": {
                    person: string;
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
    listInvitations: {
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
                     *       "invitations": [
                     *         {
                     *           "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *           "address": "jane@example.org",
                     *           "role": "admin",
                     *           "createdAt": "2026-01-31T12:00:00.000Z",
                     *           "expiresAt": "2026-02-01T00:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        invitations: {
                            id: string;
                            address: string;
                            /** @enum {string} */
                            role: "owner" | "admin" | "developer" | "dpo" | "reader" | "support" | "on-call" | "privacy-officer" | "operator";
                            /** Format: date-time */
                            createdAt: string;
                            /** Format: date-time */
                            expiresAt: string;
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
    invite: {
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
                 *       "role": "admin"
                 *     }
                 */
                "application/json": {
                    /** Format: idn-email */
                    address: string;
                    /** @enum {string} */
                    role: "owner" | "admin" | "developer" | "dpo" | "reader" | "support" | "on-call" | "privacy-officer" | "operator";
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
                     *       "address": "jane@example.org",
                     *       "role": "admin",
                     *       "createdAt": "2026-01-31T12:00:00.000Z",
                     *       "expiresAt": "2026-02-01T00:00:00.000Z"
                     *     }
                     */
                    "application/json": {
                        id: string;
                        address: string;
                        /** @enum {string} */
                        role: "owner" | "admin" | "developer" | "dpo" | "reader" | "support" | "on-call" | "privacy-officer" | "operator";
                        /** Format: date-time */
                        createdAt: string;
                        /** Format: date-time */
                        expiresAt: string;
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
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    withdrawInvitation: {
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
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    approveLostFactor: {
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
                     *       "person": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *       "requestedAt": "2026-01-31T12:00:00.000Z",
                     *       "replaceableAt": "2026-02-01T00:00:00.000Z"
                     *     }
                     */
                    "application/json": {
                        id: string;
                        person: string;
                        /** Format: date-time */
                        requestedAt: string;
                        replaceableAt: string | null;
                    };
                };
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
    refuseLostFactor: {
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
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    approveLostFactorOfTenant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                request: string;
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
                     *       "person": "0f8fad5b-d9cb-469f-a165-70867728950e",
                     *       "requestedAt": "2026-01-31T12:00:00.000Z",
                     *       "replaceableAt": "2026-02-01T00:00:00.000Z"
                     *     }
                     */
                    "application/json": {
                        id: string;
                        person: string;
                        /** Format: date-time */
                        requestedAt: string;
                        replaceableAt: string | null;
                    };
                };
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
    readSignInProvider: {
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
                     *       "issuer": "https://login.example.org",
                     *       "clientId": "mysmtp",
                     *       "domains": [
                     *         "example.org"
                     *       ],
                     *       "joinAs": null,
                     *       "acceptsFactor": false,
                     *       "factorContexts": [],
                     *       "redirectUri": "https://console.example.com/sign-in/provider"
                     *     }
                     */
                    "application/json": {
                        /** @description Issuer identifier of the provider */
                        issuer: string;
                        /** @description What the provider calls us */
                        clientId: string;
                        /** @description Only addresses in these domains; each must be a verified domain of the tenant */
                        domains: string[];
                        /**
                         * @description Role of a person who has no account and no invitation; null refuses them
                         * @default null
                         */
                        joinAs: ("developer" | "reader") | null;
                        /**
                         * @description Whether a second factor at the provider counts as ours, if it was presented within five minutes (`amr` has `mfa`, or `acr` is one of `factorContexts`). Never for the owner
                         * @default false
                         */
                        acceptsFactor: boolean;
                        /** @default [] */
                        factorContexts: string[];
                        /** @description Must be registered at the provider */
                        redirectUri: string;
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
    configureSignInProvider: {
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
                 *       "issuer": "https://login.example.org",
                 *       "clientId": "mysmtp",
                 *       "domains": [
                 *         "example.org"
                 *       ],
                 *       "joinAs": null,
                 *       "acceptsFactor": false,
                 *       "factorContexts": [],
                 *       "clientSecret": "SECRET"
                 *     }
                 */
                "application/json": {
                    /** @description Issuer identifier of the provider */
                    issuer: string;
                    /** @description What the provider calls us */
                    clientId: string;
                    /** @description Only addresses in these domains; each must be a verified domain of the tenant */
                    domains: string[];
                    /**
                     * @description Role of a person who has no account and no invitation; null refuses them
                     * @default null
                     */
                    joinAs?: ("developer" | "reader") | null;
                    /**
                     * @description Whether a second factor at the provider counts as ours, if it was presented within five minutes (`amr` has `mfa`, or `acr` is one of `factorContexts`). Never for the owner
                     * @default false
                     */
                    acceptsFactor?: boolean;
                    /** @default [] */
                    factorContexts?: string[];
                    /** @description Never shown again */
                    clientSecret?: string;
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
                     *       "issuer": "https://login.example.org",
                     *       "clientId": "mysmtp",
                     *       "domains": [
                     *         "example.org"
                     *       ],
                     *       "joinAs": null,
                     *       "acceptsFactor": false,
                     *       "factorContexts": [],
                     *       "redirectUri": "https://console.example.com/sign-in/provider"
                     *     }
                     */
                    "application/json": {
                        /** @description Issuer identifier of the provider */
                        issuer: string;
                        /** @description What the provider calls us */
                        clientId: string;
                        /** @description Only addresses in these domains; each must be a verified domain of the tenant */
                        domains: string[];
                        /**
                         * @description Role of a person who has no account and no invitation; null refuses them
                         * @default null
                         */
                        joinAs: ("developer" | "reader") | null;
                        /**
                         * @description Whether a second factor at the provider counts as ours, if it was presented within five minutes (`amr` has `mfa`, or `acr` is one of `factorContexts`). Never for the owner
                         * @default false
                         */
                        acceptsFactor: boolean;
                        /** @default [] */
                        factorContexts: string[];
                        /** @description Must be registered at the provider */
                        redirectUri: string;
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
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    removeSignInProvider: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
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
            423: components["responses"]["suspended"];
            429: components["responses"]["rate-limited"];
            451: components["responses"]["restricted"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
    beginProviderSignIn: {
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
                 *       "device": "Firefox"
                 *     }
                 */
                "application/json": {
                    tenant: string;
                    /**
                     * @description How the device describes itself, for the list of sessions
                     * @default Unknown device
                     */
                    device?: string;
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
                     *       "challenge": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                     *       "url": "https://login.example.org/auth?client_id=mysmtp",
                     *       "expiresAt": "2026-02-01T00:00:00.000Z"
                     *     }
                     */
                    "application/json": {
                        challenge: string;
                        url: string;
                        /** Format: date-time */
                        expiresAt: string;
                    };
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
    finishProviderSignIn: {
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
                 *       "challenge": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                 *       "parameters": "code=CODE&state=STATE"
                 *     }
                 */
                "application/json": {
                    challenge: string;
                    /** @description The query with which the browser came back from the provider */
                    parameters: string;
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
                     *       "challenge": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                     *       "expiresAt": "2026-02-01T00:00:00.000Z",
                     *       "factors": [
                     *         "code",
                     *         "recovery-code"
                     *       ],
                     *       "passkey": null
                     *     }
                     */
                    "application/json": {
                        challenge: string;
                        /** Format: date-time */
                        expiresAt: string;
                        factors: ("code" | "passkey" | "recovery-code")[];
                        /** @description Options for the authenticator, if there is a passkey */
                        passkey: ({
                            challenge: string;
                        } & {
                            [key: string]: unknown;
                        }) | null;
                    } | {
                        token: string;
                        session: string;
                        /** Format: date-time */
                        expiresAt: string;
                    };
                };
            };
            400: components["responses"]["invalid-request"];
            403: components["responses"]["sign-in-refused"];
            404: components["responses"]["not-found"];
            413: components["responses"]["too-large"];
            415: components["responses"]["unsupported-media-type"];
            422: components["responses"]["wrong-credentials"];
            429: components["responses"]["rate-limited"];
            500: components["responses"]["internal"];
            503: components["responses"]["unavailable"];
        };
    };
}
