using System.Net;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Responses;

/// <summary>
/// What an operator has to do about a refusal. One status has many causes; GitHub's sentence tells which, though it is
/// meant for people, so that an unknown one falls back to what the status alone says.
/// </summary>
/// <param name="Reason">The kind of problem.</param>
/// <param name="Advice">What to do, to follow a colon.</param>
internal sealed record Remedy(ProblemReason Reason, string Advice)
{
    private static readonly Remedy SingleSignOn = new(
        ProblemReason.PermissionMissing,
        "the organisation wants single sign-on (SAML): authorise the token for it ('Configure SSO' beside the token), "
        + "or use a GitHub App");

    private static readonly Remedy Blocked = new(
        ProblemReason.ScopeNotFound,
        "GitHub has blocked it, as it has told its owner: remove it from 'serves', or settle that with GitHub");

    private static readonly Remedy Billing = new(
        ProblemReason.RegistrationRefused,
        "settle the account's payments or spending limits in its billing settings at GitHub");

    /// <summary>Words that a sentence of GitHub's has, all of them, and what they mean; the first that fits
    /// counts.</summary>
    private static readonly (string[] Words, Remedy Remedy)[] known =
    [
        (["installation", "suspended"], new(
            ProblemReason.CredentialsRefused,
            "the App's installation is suspended: unsuspend it in the owner's settings under 'GitHub Apps'")),
        (["account", "suspended"], new(
            ProblemReason.CredentialsRefused,
            "the account of the credential is suspended: put another account's credential into the Secret, or ask "
            + "GitHub's support")),
        (["account", "flagged"], new(
            ProblemReason.CredentialsRefused,
            "the account of the credential is flagged: ask GitHub's support, or put another account's credential into "
            + "the Secret")),
        (["ip allow list"], AllowList()),
        (["ip address", "not permitted"], AllowList()),
        (["saml"], SingleSignOn),
        (["single sign-on"], SingleSignOn),
        (["two-factor"], new(
            ProblemReason.PermissionMissing,
            "the organisation wants two-factor authentication: the token's user has to set it up")),
        (["forbids access via", "lifetime"], new(
            ProblemReason.PermissionMissing,
            "the owner's policy wants tokens that expire sooner: make one with a shorter lifetime")),
        (["forbids access via", "classic"], new(
            ProblemReason.PermissionMissing,
            "the owner's policy forbids classic tokens: use a GitHub App, or a fine-grained token")),
        (["forbids access via"], new(
            ProblemReason.PermissionMissing, "the owner's policy forbids this kind of token: use a GitHub App")),
        (["enterprise managed user"], new(
            ProblemReason.PermissionMissing,
            "the token's user is managed by an enterprise and sees only what is that enterprise's: use a credential of "
            + "the owner's")),
        (["self-hosted runner", "disabled"], RunnersForbidden()),
        (["self-hosted runner", "not allowed"], RunnersForbidden()),
        (["self-hosted runner", "not permitted"], RunnersForbidden()),
        (["self-hosted runner", "policy"], RunnersForbidden()),
        (["archived"], new(
            ProblemReason.RegistrationRefused,
            "it is archived, and has no jobs: unarchive it, or remove it from 'serves'")),
        (["actions", "disabled"], new(
            ProblemReason.RegistrationRefused,
            "GitHub Actions are switched off there: allow them in the settings of the repository, its organisation or "
            + "enterprise, under 'Actions'")),
        (["billing"], Billing),
        (["spending limit"], Billing),
        (["payment"], Billing),
        (["access blocked"], Blocked),
        (["dmca"], Blocked),
        (["terms of service"], Blocked),
        (["integration not found"], new(
            ProblemReason.CredentialsRefused,
            "GitHub has no App of that id: put the id of the App, or its client id, into the Secret's app_id, or "
            + "correct the server in 'serves'")),
        (["must generate a public key"], new(
            ProblemReason.CredentialsRefused,
            "the App has no key: generate one in the App's settings and put it into the Secret's private_key")),
        (["could not be decoded"], new(
            ProblemReason.CredentialsRefused,
            "the Secret's private_key is no key of the App that its app_id names: both must be of one App, and the key "
            + "must not have been deleted there")),
        (["limit", "runners"], new(
            ProblemReason.RegistrationRefused,
            "as many runners as GitHub allows are registered there: remove some that are offline")),
    ];

    /// <param name="status">The status of the answer.</param>
    /// <param name="said">GitHub's sentence.</param>
    /// <param name="wantsSignOn">Whether the answer has the header <c>X-GitHub-SSO</c>.</param>
    /// <returns>Null if the cause is not known.</returns>
    public static Remedy? For(HttpStatusCode status, string said, bool wantsSignOn) => status switch
    {
        HttpStatusCode.UnavailableForLegalReasons => Blocked,
        HttpStatusCode.PaymentRequired => Billing,
        HttpStatusCode.Forbidden when wantsSignOn => SingleSignOn,
        _ => Array.Find(known, k => Array.TrueForAll(
            k.Words, word => said.Contains(word, StringComparison.OrdinalIgnoreCase))).Remedy,
    };

    private static Remedy AllowList() => new(
        ProblemReason.PermissionMissing,
        "the organisation has an IP allow list: add the addresses there that this controller's requests, and the "
        + "runners', come from");

    private static Remedy RunnersForbidden() => new(
        ProblemReason.RegistrationRefused,
        "a policy forbids self-hosted runners there: an owner of the organisation or the enterprise has to allow them, "
        + "under 'Actions' in its settings, or the pool has to serve the organisation instead of its repositories");
}
