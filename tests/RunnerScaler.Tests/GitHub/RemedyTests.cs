using System.Net;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.GitHub;

/// <summary>What a person is told to do fits what GitHub has refused, and why.</summary>
public sealed class RemedyTests
{
    private readonly GitHubRig bench = new();

    /// <summary>Status, GitHub's sentence, the reason, and words of the remedy.</summary>
    public static TheoryData<int, string, string, string> Refusals => new()
    {
        { 403, "This installation has been suspended", "CredentialsRefused", "unsuspend it" },
        { 403, "Sorry. Your account was suspended.", "CredentialsRefused", "another account's credential" },
        {
            403,
            "Although you appear to have the correct authorization credentials, the `acme` organization has an IP "
                + "allow list enabled, and 1.2.3.4 is not permitted to access this resource.",
            "PermissionMissing",
            "IP allow list: add the addresses"
        },
        {
            403,
            "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to "
                + "this organization.",
            "PermissionMissing",
            "single sign-on (SAML)"
        },
        {
            403,
            "`acme` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a "
                + "personal access token with fine-grained permissions.",
            "PermissionMissing",
            "forbids classic tokens"
        },
        {
            403,
            "The 'acme' organization forbids access via a fine-grained personal access tokens if the token's lifetime "
                + "is greater than 366 days.",
            "PermissionMissing",
            "shorter lifetime"
        },
        { 403, "Resource not accessible by integration", "PermissionMissing", "'Self-hosted runners: read and write'" },
        {
            403,
            "Resource not accessible by personal access token",
            "PermissionMissing",
            "'Self-hosted runners: read and write'"
        },
        { 403, "Must have admin rights to Repository.", "PermissionMissing", "'repo' and 'admin:org'" },
        {
            403,
            "Repository level self-hosted runners are disabled on this repository.",
            "RegistrationRefused",
            "policy forbids self-hosted runners"
        },
        {
            409,
            "Self-hosted runners are not allowed by the enterprise's policy",
            "RegistrationRefused",
            "policy forbids self-hosted runners"
        },
        { 403, "Repository was archived so is read-only.", "RegistrationRefused", "unarchive it" },
        { 422, "Actions has been disabled for this repository.", "RegistrationRefused", "Actions are switched off" },
        { 403, "GitHub Actions is disabled for acme/app", "RegistrationRefused", "GitHub Actions are switched off" },
        {
            403,
            "The job was not started because recent account payments have failed or your spending limit needs to be "
                + "increased.",
            "RegistrationRefused",
            "billing settings"
        },
        { 402, "Payment Required", "RegistrationRefused", "billing settings" },
        { 451, "Repository access blocked", "ScopeNotFound", "GitHub has blocked it" },
        { 403, "Repository access blocked", "ScopeNotFound", "GitHub has blocked it" },
        { 401, "Bad credentials", "CredentialsRefused", "put a valid one into the Secret" },
        { 404, "Not Found", "ScopeNotFound", "check the url" },
        { 403, "Something that nobody has seen before", "PermissionMissing", "'repo' and 'admin:org'" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task TheRemedyFitsTheCause(int status, string said, string reason, string remedy)
    {
        bench.GitHub.Intercept = (_, path) => path.EndsWith("/generate-jitconfig", StringComparison.Ordinal)
            ? FakeGitHub.Refusal((HttpStatusCode)status, said)
            : Groups(path);

        var refused = Assert.IsType<JitResult.Refused>(await RegisterAsync());

        Assert.Equal(Enum.Parse<ProblemReason>(reason), refused.Problem.Reason);
        Assert.Contains(remedy, refused.Problem.Message, StringComparison.Ordinal);
        Assert.Contains(
            status == 404 ? "the token of Secret runners/github" : said[..15],
            refused.Problem.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task ThePermissionThatGitHubNamesIsNamed()
    {
        bench.GitHub.Intercept = (_, path) =>
        {
            var refusal = FakeGitHub.Refusal(HttpStatusCode.Forbidden, "Resource not accessible by integration");
            refusal.Headers.Add("X-Accepted-GitHub-Permissions", "organization_self_hosted_runners=write");
            return refusal;
        };

        var refused = Assert.IsType<JitResult.Refused>(await RegisterAsync());

        Assert.EndsWith(
            "; this request needs organization_self_hosted_runners=write",
            refused.Problem.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheAddressForSigningOnIsNotShown()
    {
        bench.GitHub.Intercept = (_, path) =>
        {
            var refusal = FakeGitHub.Refusal(HttpStatusCode.Forbidden, "Resource not accessible");
            refusal.Headers.Add("X-GitHub-SSO", "required; url=https://github.com/orgs/acme/sso?authorization=SECRET");
            return refusal;
        };

        var refused = Assert.IsType<JitResult.Refused>(await RegisterAsync());

        Assert.Contains("single sign-on", refused.Problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", refused.Problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no\r\nX-Evil: 1\u001b[31m\u202e\ud800 \u2028end")]
    [InlineData("\n")]
    public async Task WhatGitHubWroteIsOneBoundedLine(string said)
    {
        bench.GitHub.Intercept = (_, path) =>
        {
            var refusal = FakeGitHub.Refusal(HttpStatusCode.Forbidden, said + new string('x', 100_000));
            refusal.Headers.TryAddWithoutValidation("X-Accepted-GitHub-Permissions", new string('y', 10_000));
            return refusal;
        };

        var refused = Assert.IsType<JitResult.Refused>(await RegisterAsync());

        Assert.InRange(refused.Problem.Message.Length, 1, 1000);
        Assert.DoesNotContain(
            refused.Problem.Message, c => char.IsControl(c) || char.IsSurrogate(c) || c is '\u202e' or '\u2028');
    }

    [Theory]
    [InlineData("This installation has been suspended", 403, "CredentialsRefused", "unsuspend it")]
    [InlineData("Integration not found", 404, "CredentialsRefused", "no App of that id")]
    [InlineData("Integration must generate a public key", 401, "CredentialsRefused", "the App has no key")]
    [InlineData("A JSON web token could not be decoded", 401, "CredentialsRefused", "both must be of one App")]
    [InlineData("The IP address 1.2.3.4 is not permitted", 403, "PermissionMissing", "IP allow list")]
    [InlineData("The permissions requested are not granted to this installation.", 422, "PermissionMissing", "accept")]
    public async Task WhatIsWrongWithAnAppIsSaid(string said, int status, string reason, string remedy)
    {
        bench.UseApp();
        foreach (var part in new[] { "/orgs/acme/installation", "/access_tokens" })
        {
            bench.Time.Advance(TimeSpan.FromMinutes(2));
            bench.GitHub.Intercept = (_, path) => path.EndsWith(part, StringComparison.Ordinal)
                ? FakeGitHub.Refusal((HttpStatusCode)status, said)
                : FakeGitHub.Json(new { id = 5 });

            var refused = Assert.IsType<JitResult.Refused>(await RegisterAsync());

            Assert.Equal(Enum.Parse<ProblemReason>(reason), refused.Problem.Reason);
            Assert.Contains(remedy, refused.Problem.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(95, "95 s ahead of")]
    [InlineData(-700, "700 s behind")]
    [InlineData(20, null)]
    public async Task AClockThatIsWrongIsNamed(int secondsAhead, string? said)
    {
        bench.UseApp();
        bench.GitHub.Intercept = (_, _) =>
        {
            var refusal = FakeGitHub.Refusal(HttpStatusCode.Unauthorized, "Bad credentials");
            refusal.Headers.Date = bench.Time.GetUtcNow().AddSeconds(-secondsAhead);
            return refusal;
        };

        var refused = Assert.IsType<JitResult.Refused>(await RegisterAsync());

        Assert.Equal(ProblemReason.CredentialsRefused, refused.Problem.Reason);
        Assert.Equal(said is not null, refused.Problem.Message.Contains("clock here is", StringComparison.Ordinal));
        Assert.Contains(said ?? "must belong to one App", refused.Problem.Message, StringComparison.Ordinal);
    }

    private static HttpResponseMessage? Groups(string path) =>
        path.Contains("/runner-groups", StringComparison.Ordinal)
            ? FakeGitHub.Json(new
            {
                total_count = 1,
                runner_groups = new object[] { new { id = 3, name = "Default", @default = true } },
            })
            : null;

    private Task<JitResult> RegisterAsync() => bench.Registrar.CreateJitConfigAsync(
        new JitRequest(new(GitHubRig.Account, "acme", null), "linux-1-abc", null, LabelSet.Of("self-hosted")),
        GitHubRig.Cancel);
}
