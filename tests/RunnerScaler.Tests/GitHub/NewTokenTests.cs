using System.Net;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.GitHub;

/// <summary>A token that GitHub's servers do not all know yet, and a Secret that holds another credential by
/// now.</summary>
public sealed class NewTokenTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);

    private readonly GitHubRig bench = new();
    private readonly List<(double At, string Bearer)> asked = [];
    private int minted;

    public NewTokenTests()
    {
        bench.UseApp();
        bench.GitHub.AddRun("app", 1, "queued", new FakeJob(11, "queued"));
        bench.GitHub.Intercept = Answer;
    }

    /// <summary>What a request with this token is answered, this long after the token was made; null for the
    /// model.</summary>
    private Func<string, TimeSpan, HttpResponseMessage?> Refusal { get; set; } = (_, _) => null;

    private Dictionary<string, DateTimeOffset> MintedAt { get; } = [];

    [Theory]
    [InlineData(401, "Bad credentials")]
    [InlineData(403, "Resource not accessible by integration")]
    [InlineData(404, "Not Found")]
    public async Task ATokenThatIsNotKnownYetIsTriedAgain(int status, string said)
    {
        Refusal = (_, age) => age < TimeSpan.FromSeconds(2)
            ? FakeGitHub.Refusal((HttpStatusCode)status, said)
            : null;

        var seen = await ReadAsync();

        Assert.DoesNotContain(
            seen, o => o is JobObservation.AccountUnread or JobObservation.RepositoryUnread);
        Assert.Equal(11, Assert.Single(seen.OfType<JobObservation.RepositoryRead>().Single().Jobs).Id);
        Assert.InRange(asked.Count(a => a.At < 2), 2, 3);
        Assert.Equal(1, minted);
    }

    [Fact]
    public async Task ATokenThatStaysUnknownIsReplacedOnceAndThenTold()
    {
        Refusal = (_, _) => FakeGitHub.Refusal(HttpStatusCode.Unauthorized, "Bad credentials");

        var seen = await ReadAsync();

        Assert.All(asked.CountBy(a => a.Bearer), b => Assert.InRange(b.Value, 3, 4));
        Assert.Equal(["ghs_1", "ghs_2"], asked.Select(a => a.Bearer).Distinct());
        Assert.InRange(asked[^1].At, 12, 15);
        var unread = seen.OfType<JobObservation.AccountUnread>().Last();
        Assert.Equal(ProblemReason.CredentialsRefused, unread.Problem.Reason);
        await GitHubRig.PassTimeAsync(bench.Time, bench.Registrar.FindAsync(
            new(GitHubRig.Account, "acme", null), "linux-1-abc", null, GitHubRig.Cancel), Step);
        Assert.Equal(2, minted);
    }

    [Fact]
    public async Task TheSecondTokenIsGivenItsTimeToo()
    {
        Refusal = (bearer, age) => bearer == "ghs_1" || age < TimeSpan.FromSeconds(2)
            ? FakeGitHub.Refusal(HttpStatusCode.Unauthorized, "Bad credentials")
            : null;

        var seen = await ReadAsync();

        Assert.DoesNotContain(seen, o => o is JobObservation.AccountUnread or JobObservation.RepositoryUnread);
        Assert.Equal(2, minted);
    }

    [Fact]
    public async Task AKnownTokensRefusalIsBelieved()
    {
        await ReadAsync();
        Refusal = (_, _) => FakeGitHub.Refusal(HttpStatusCode.Forbidden, "Resource not accessible by integration");
        asked.Clear();

        var seen = await bench.ReadAfterAsync(5);

        Assert.Single(seen.OfType<JobObservation.RepositoryUnread>());
        Assert.Single(asked);
    }

    [Fact]
    public async Task ARegistrationWaitsForItsTokenToo()
    {
        Refusal = (_, age) => age < TimeSpan.FromSeconds(2)
            ? FakeGitHub.Refusal(HttpStatusCode.Unauthorized, "Bad credentials")
            : null;

        var result = await GitHubRig.PassTimeAsync(bench.Time, bench.Registrar.CreateJitConfigAsync(
            new(new(GitHubRig.Account, "acme", "app"), "linux-1-abc", null, LabelSet.Of("self-hosted")),
            GitHubRig.Cancel), Step);

        Assert.IsType<JitResult.Registered>(result);
    }

    [Fact]
    public async Task WhenACredentialIsRefusedTheSecretIsLookedAtBeforeItIsTold()
    {
        bench.Secrets.Set(("token", "ghp_old"));
        Refusal = (bearer, _) => bearer == "ghp_old"
            ? FakeGitHub.Refusal(HttpStatusCode.Unauthorized, "Bad credentials")
            : null;
        var old = Refusal;
        Refusal = (_, _) => null;
        await ReadAsync();
        Refusal = old;
        bench.Secrets.Set(("token", "ghp_new"));

        var during = await bench.ReadAfterAsync(4);
        var after = await bench.ReadAfterAsync(6);

        Assert.All(
            during.OfType<JobObservation.AccountUnread>(), u =>
                Assert.Equal(ProblemReason.Unreachable, u.Problem.Reason));
        Assert.Single(after.OfType<JobObservation.RepositoryRead>());
        Assert.Equal("ghp_new", asked[^1].Bearer);
    }

    [Fact]
    public async Task ACredentialThatStaysRefusedIsTold()
    {
        bench.Secrets.Set(("token", "ghp_old"));
        await ReadAsync();
        Refusal = (_, _) => FakeGitHub.Refusal(HttpStatusCode.Unauthorized, "Bad credentials");

        var told = new List<ProblemReason>();
        for (var i = 0; i < 4; i++)
            told.AddRange((await bench.ReadAfterAsync(6)).OfType<JobObservation.AccountUnread>()
                .Select(u => u.Problem.Reason));

        Assert.Equal(ProblemReason.CredentialsRefused, told[^1]);
        Assert.InRange(bench.Secrets.Reads, 2, 4);
    }

    private Task<JobObservation[]> ReadAsync() => GitHubRig.PassTimeAsync(bench.Time, bench.ReadAsync(), Step);

    private HttpResponseMessage? Answer(HttpRequestMessage request, string path)
    {
        var now = bench.Time.GetUtcNow();
        if (path.EndsWith("/installation", StringComparison.Ordinal))
            return FakeGitHub.Json(new { id = 55 });
        if (path.EndsWith("/access_tokens", StringComparison.Ordinal))
        {
            var token = $"ghs_{++minted}";
            MintedAt[token] = now;
            return FakeGitHub.Json(new { token, expires_at = now.AddHours(1) }, HttpStatusCode.Created);
        }
        var bearer = request.Headers.Authorization!.Parameter!;
        asked.Add(((now - FakeGitHub.Start).TotalSeconds, bearer));
        if (Refusal(bearer, now - MintedAt.GetValueOrDefault(bearer)) is { } refusal)
            return refusal;
        return path.EndsWith("/generate-jitconfig", StringComparison.Ordinal)
            ? FakeGitHub.Json(new { runner = new { id = 77 }, encoded_jit_config = "x" }, HttpStatusCode.Created)
            : null;
    }
}
