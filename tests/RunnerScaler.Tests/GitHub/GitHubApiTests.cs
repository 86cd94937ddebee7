using System.Net;
using System.Text;
using System.Text.Json;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub.Client;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.GitHub;

/// <summary>Whatever comes in place of what was asked for is an answer.</summary>
public sealed class GitHubApiTests
{
    private readonly GitHubRig bench = new();

    public static TheoryData<string, string> Bodies => new()
    {
        { "", "a body that is not the JSON" },
        { "<html>", "a body that is not the JSON" },
        { "{", "a body that is not the JSON" },
        { "null", "without what was asked for" },
        { "7", "without what was asked for" },
        { """{"runners":7}""", "without what was asked for" },
        { """{"\ud800abcdefgh":1,"total":[]}""", "without what was asked for" },
        { new string('[', 1000), "a body that is not the JSON" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task ABodyThatIsNoneIsNoAnswer(string body, string said)
    {
        bench.GitHub.Intercept = (_, _) => Json(HttpStatusCode.OK, body);

        var answer = await ListAsync();

        Assert.Equal(FailureKind.Unreachable, answer.Failure?.Kind);
        Assert.Contains(said, answer.Failure?.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"message":"Not Found"}""", "404: Not Found")]
    [InlineData("""{"message":7}""", "404: NotFound")]
    [InlineData("gone fishing", "404: gone fishing")]
    [InlineData("", "404: NotFound")]
    [InlineData("[]", "404: NotFound")]
    public async Task ARefusalSaysWhatGitHubSays(string body, string said)
    {
        bench.GitHub.Intercept = (_, _) => Json(HttpStatusCode.NotFound, body);

        var answer = await ListAsync();

        Assert.Equal((FailureKind.NotFound, said), (answer.Failure!.Kind, answer.Failure.Detail));
    }

    [Fact]
    public async Task ACharacterSetThatIsNoneDoesNoHarm()
    {
        bench.GitHub.Intercept = (_, _) =>
        {
            var refusal = Json(HttpStatusCode.Forbidden, """{"message":"no"}""");
            refusal.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=klingon");
            return refusal;
        };

        Assert.Equal("403: no", (await ListAsync()).Failure?.Detail);
    }

    [Theory]
    [InlineData("""{"total_count":2,"runners":[{"id":9007199254740993,"name":"a"},{"id":"x"}]}""")]
    [InlineData("""[{"id":"9007199254740993","name":"a","labels":7},7]""")]
    public async Task OneBadEntryDoesNotHideTheOthers(string body)
    {
        bench.GitHub.Intercept = (_, _) => Json(HttpStatusCode.OK, body);

        var listing = (await ListAsync()).Value!;

        Assert.Equal(9007199254740993, Assert.Single(listing.Items).Id);
        Assert.Equal(1, listing.Unreadable);
    }

    [Theory]
    [InlineData("""{"token":"a\nb","expires_at":"2026-09-01T09:00:00Z"}""")]
    [InlineData("""{"token":"ghs_1"}""")]
    [InlineData("""{"token":7}""")]
    [InlineData("null")]
    public async Task ATokenThatIsNoneIsSaid(string body)
    {
        bench.UseApp();
        bench.GitHub.Intercept = (_, path) => path.EndsWith("/access_tokens", StringComparison.Ordinal)
            ? Json(HttpStatusCode.Created, body)
            : Json(HttpStatusCode.OK, """{"id":55}""");

        var failure = (await ListAsync()).Failure;

        Assert.Equal(ProblemReason.Unreachable, failure?.Problem?.Reason);
        Assert.StartsWith(
            "GitHub could not be asked for a token for 'acme'", failure?.Problem?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARegistrationsIdMayBeText()
    {
        bench.GitHub.Intercept = (_, path) => path.EndsWith("/generate-jitconfig", StringComparison.Ordinal)
            ? Json(HttpStatusCode.Created, """{"runner":{"id":"7","labels":"?"},"encoded_jit_config":"x"}""")
            : null;

        var result = await bench.Registrar.CreateJitConfigAsync(
            new(new(GitHubRig.Account, "acme", "app"), "linux-1-abc", null, LabelSet.Of("self-hosted")),
                GitHubRig.Cancel);

        Assert.Equal(new JitResult.Registered(7, "x"), result);
    }

    [Fact]
    public async Task NotModifiedIsNotReadAgain()
    {
        var (account, _) = await bench.Accounts.OpenAsync(GitHubRig.Account, GitHubRig.Cancel);
        var api = account!.Api("acme", true);
        var body = "[1]";
        bench.GitHub.Intercept = (request, _) =>
        {
            var tag = $"\"{body}\"";
            var same = request.Headers.IfNoneMatch.Any(known => known.Tag == tag);
            var answer = same ? new HttpResponseMessage(HttpStatusCode.NotModified) : Json(HttpStatusCode.OK, body);
            answer.Headers.ETag = new(tag);
            return answer;
        };

        var first = await api.GetAsync<Counted>("orgs/acme/counted", GitHubRig.Cancel);
        var second = await api.GetAsync<Counted>("orgs/acme/counted", GitHubRig.Cancel);
        Assert.Equal(1, Counted.Readings);
        Assert.Same(first.Value, second.Value);

        body = "[1,2]";
        Assert.NotSame(first.Value, (await api.GetAsync<Counted>("orgs/acme/counted", GitHubRig.Cancel)).Value);
        Assert.Equal(2, Counted.Readings);
    }

    private static HttpResponseMessage Json(HttpStatusCode status, string body) =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    private async Task<GitHubAnswer<Listing<RunnerData>>> ListAsync()
    {
        var (account, _) = await bench.Accounts.OpenAsync(GitHubRig.Account, GitHubRig.Cancel);
        return await account!.Api("acme", true).ListAsync<RunnerData>(
            "orgs/acme/actions/runners", ListBounds.None, GitHubRig.Cancel);
    }

    /// <summary>Counts how often a body was read; for one test alone.</summary>
    private sealed class Counted : IFromJson<Counted>
    {
        private static int readings;

        public static int Readings => readings;

        public static Counted Read(JsonElement json)
        {
            readings++;
            return new();
        }
    }
}
