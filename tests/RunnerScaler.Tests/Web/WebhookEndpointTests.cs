using System.Net;
using System.Security.Cryptography;
using System.Text;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Web;

public sealed class WebhookEndpointTests : IDisposable
{
    private const string Old = "the old secret";
    private const string New = "the new secret";

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;
    private readonly List<RepositoryKey> hints = [];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task ADeliveryHasItsRepositoryRead()
    {
        await using var host = await StartAsync();

        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(host, Payload()));

        Assert.Equal([RepositoryKey.Of("https://github.com", "acme", "app")], hints);
        Assert.Equal([WebhookResult.Taken], host.Measured.Webhooks);
    }

    [Fact]
    public async Task WhatIsNotSignedWithOurSecretIsNeverLookedAt()
    {
        await using var host = await StartAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(host, "{broken", secret: "guessed"));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(host, Payload(), secret: null));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(host, Payload(), signature: "sha256=12"));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(
            host, Payload(), signature: "sha1=" + new string('0', 64)));

        Assert.Empty(hints);
        Assert.All(host.Measured.Webhooks, r => Assert.Equal(WebhookResult.WrongSignature, r));
        Assert.DoesNotContain(host.Log.Lines, line => line.Contains(Old, StringComparison.Ordinal));
    }

    [Fact]
    public async Task OneByteMoreIsAnotherBody()
    {
        await using var host = await StartAsync();
        var signature = Sign(Payload(), Old);

        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(host, Payload() + " ", signature: signature));
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(host, Payload(), signature: signature));
    }

    [Fact]
    public async Task BothSecretsHoldWhileTheyAreExchanged()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "next"), New + "\n", TestContext.Current.CancellationToken);
        await using var host = await StartAsync();

        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(host, Payload(), secret: Old, id: "1"));
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(host, Payload(), secret: New, id: "2"));
        Assert.Equal(2, hints.Count);
    }

    [Fact]
    public async Task WithoutASecretNothingIsBelieved()
    {
        await using var host = await StartAsync(secret: "");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await SendAsync(host, Payload(), secret: ""));
        Assert.Contains(host.Log.Lines, line => line.Contains("Web:WebhookSecrets", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WhatComesAgainIsTakenOnce()
    {
        await using var host = await StartAsync();

        await SendAsync(host, Payload(), id: "72d3162e");
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(host, Payload(), id: "72d3162e"));

        Assert.Single(hints);
        Assert.Equal([WebhookResult.Taken, WebhookResult.Duplicate], host.Measured.Webhooks);
    }

    [Fact]
    public async Task WhatAFollowerCouldNotTakeMayComeAgain()
    {
        await using var host = await StartAsync();
        host.Hint = _ => HintResult.NotLeading;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await SendAsync(host, Payload(), id: "1"));

        host.Hint = _ => HintResult.Taken;
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(host, Payload(), id: "1"));

        Assert.Equal([WebhookResult.NotLeading, WebhookResult.Taken], host.Measured.Webhooks);
    }

    [Fact]
    public async Task AFollowerPassesADeliveryToTheLeader()
    {
        await using var leader = await StartAsync();
        await using var follower = await StartFollowerAsync(leader.Plain);

        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(follower, Payload(), id: "1"));
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(follower, Payload(), id: "1"));

        Assert.Equal([RepositoryKey.Of("https://github.com", "acme", "app")], hints);
        Assert.Equal([WebhookResult.Taken], leader.Measured.Webhooks);
        Assert.Equal([WebhookResult.Passed, WebhookResult.Duplicate], follower.Measured.Webhooks);
    }

    [Fact]
    public async Task AFollowerPassesOnOnlyWhatItBelieves()
    {
        await using var leader = await StartAsync();
        await using var follower = await StartFollowerAsync(leader.Plain);

        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(follower, Payload(), secret: "guessed"));
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(follower, "{}", id: "2"));
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(follower, "{}", id: "3", name: "ping"));

        Assert.Empty(leader.Measured.Webhooks);
    }

    [Fact]
    public async Task TheLeaderChecksWhatOthersPassOn()
    {
        await using var leader = await StartAsync();
        using var client = new HttpClient();
        using var request = Request(leader, Payload(), Sign(Payload(), "guessed"), "1", "workflow_job");
        request.RequestUri = new Uri(leader.Plain, "/api/v1/webhooks/github");
        request.Headers.Add("RunnerScaler-Passed", "true");

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Empty(hints);
    }

    [Fact]
    public async Task TwoFollowersThatTakeEachOtherForTheLeaderDoNotPassOnForEver()
    {
        await using var one = await StartFollowerAsync(null);
        await using var other = await StartFollowerAsync(one.Plain);
        one.Gate.Saw("other", other.Plain);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await SendAsync(one, Payload()));

        Assert.Equal([WebhookResult.NotLeading], one.Measured.Webhooks);
        Assert.Equal([WebhookResult.NotLeading], other.Measured.Webhooks);
    }

    [Fact]
    public async Task ALeaderThatIsGoneCostsTheDeliveryAlone()
    {
        var leader = await StartAsync();
        await using var follower = await StartFollowerAsync(leader.Plain);
        await leader.DisposeAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await SendAsync(follower, Payload(), id: "1"));
        follower.Hint = _ => HintResult.Taken;
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(follower, Payload(), id: "1"));

        Assert.Equal([WebhookResult.NotLeading, WebhookResult.Taken], follower.Measured.Webhooks);
    }

    [Fact]
    public async Task WhereNoWebhookIsTakenNoneIsPassedOn()
    {
        await using var host = await EndpointHost.StartAsync();
        using var client = new HttpClient();

        using var answer = await client.PostAsync(
            new Uri(host.Plain, "/api/v1/webhooks/github"), null, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("ping", WebhookResult.Ping, HttpStatusCode.Accepted)]
    [InlineData("push", WebhookResult.UnknownEvent, HttpStatusCode.Accepted)]
    [InlineData("", WebhookResult.UnknownEvent, HttpStatusCode.Accepted)]
    internal async Task OtherEventsAreCountedAndNotRead(string name, WebhookResult result, HttpStatusCode status)
    {
        await using var host = await StartAsync();

        Assert.Equal(status, await SendAsync(host, "no JSON", name: name));
        Assert.Equal([result], host.Measured.Webhooks);
    }

    [Fact]
    public async Task WhatIsSignedAndCannotBeReadIsCounted()
    {
        await using var host = await StartAsync();

        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(host, "{\"repository\": [1"));
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(host, Payload(), id: "after"));
        Assert.Equal([WebhookResult.Unreadable, WebhookResult.Taken], host.Measured.Webhooks);
    }

    [Fact]
    public async Task AForeignRepositoryMovesNothing()
    {
        await using var host = await StartAsync();
        host.Hint = _ => HintResult.Unknown;

        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(host, Payload()));
        Assert.Equal([WebhookResult.UnknownRepository], host.Measured.Webhooks);
    }

    [Fact]
    public async Task WhatIsTooLargeIsNotReceived()
    {
        await using var host = await StartAsync();
        using var client = new HttpClient();
        using var request = Request(host, new('a', 25 * 1024 * 1024 + 1), "sha256=" + new string('0', 64), "1", "push");
        request.Headers.ExpectContinue = true;

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task TheLargestThatGitHubSendsIsRead()
    {
        await using var host = await StartAsync();
        var body = Payload();

        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(host, body.PadRight(25 * 1024 * 1024)));
        Assert.Single(hints);
    }

    [Fact]
    public async Task AFormIsToldWhatToSet()
    {
        await using var host = await StartAsync();
        using var client = new HttpClient();
        using var request = Request(host, Payload(), Sign(Payload(), Old), "1", "workflow_job");
        request.Content!.Headers.ContentType = new("application/x-www-form-urlencoded");

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Contains(
            "application/json",
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NothingElseAnswersThere()
    {
        await using var host = await StartAsync();
        using var client = new HttpClient();
        foreach (var path in (string[])["/metrics", "/healthz", "/claims", "/api/v1/pools"])
        {
            using var answer = await client.GetAsync(
                new Uri(host.Webhooks, path), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
        using var elsewhere = await client.PostAsync(
            new Uri(host.Plain, "/webhooks/github"), null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
    }

    private async Task<EndpointHost> StartAsync(string secret = Old)
    {
        await File.WriteAllTextAsync(
            Path.Combine(folder, "secret"), secret, TestContext.Current.CancellationToken);
        var host = await EndpointHost.StartAsync(webhookSecrets: folder);
        host.Hint = repository =>
        {
            hints.Add(repository);
            return HintResult.Taken;
        };
        return host;
    }

    private async Task<EndpointHost> StartFollowerAsync(Uri? leader)
    {
        var host = await StartAsync();
        host.Hint = _ => HintResult.NotLeading;
        if (leader is not null)
            host.Gate.Saw("leader", leader);
        return host;
    }

    private static async Task<HttpStatusCode> SendAsync(
        EndpointHost host, string body, string? secret = Old, string? signature = null, string id = "1",
        string name = "workflow_job")
    {
        using var client = new HttpClient();
        using var request = Request(
            host, body, signature ?? (secret is null ? null : Sign(body, secret)), id, name);
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static HttpRequestMessage Request(EndpointHost host, string body, string? signature, string id, string name)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Webhooks, "/webhooks/github"))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (signature is not null)
            request.Headers.Add("X-Hub-Signature-256", signature);
        request.Headers.Add("X-GitHub-Delivery", id);
        request.Headers.Add("X-GitHub-Event", name);
        return request;
    }

    private static string Sign(string body, string secret) => "sha256=" + Convert.ToHexStringLower(
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body)));

    private static string Payload() => """
        {"action": "queued", "workflow_job": {"id": 9007199254740993, "status": "queued", "labels": ["self-hosted"]},
         "repository": {"id": 1, "full_name": "Acme/app", "html_url": "https://github.com/Acme/app"}}
        """;
}
