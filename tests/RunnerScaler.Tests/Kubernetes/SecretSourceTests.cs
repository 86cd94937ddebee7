using System.Text;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes;

namespace RunnerScaler.Tests.Kubernetes;

public sealed class SecretSourceTests
{
    private readonly FakeTimeProvider time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ASecretIsRead()
    {
        await using var server = StubServer.Start(c => StubServer.Json(
            c, 200, """{"metadata":{"resourceVersion":"9"},"data":{"token":"YWJj","bad":"*"}}"""));
        var found = Assert.IsType<SecretResult.Found>(await Source(server).ReadAsync("ci", "app", Cancel));
        Assert.Equal("9", found.ResourceVersion);
        Assert.Equal("abc", Encoding.UTF8.GetString(Assert.Single(found.Data).Value.Span));
        Assert.Equal("GET /api/v1/namespaces/ci/secrets/app", Assert.Single(server.Requests));
    }

    [Fact]
    public async Task AMissingOneIsNoFailure()
    {
        await using var server = StubServer.Start(c => StubServer.Json(c, 404, "{}"));
        Assert.IsType<SecretResult.Missing>(await Source(server).ReadAsync("ci", "app", Cancel));
    }

    [Theory]
    [InlineData(403, "bind its role")]
    [InlineData(500, "HTTP 500")]
    public async Task AFailureIsNotKept(int code, string why)
    {
        await using var server = StubServer.Start(c => StubServer.Json(c, code, "{}"));
        var source = Source(server);
        for (var i = 0; i < 2; i++)
        {
            var result = Assert.IsType<SecretResult.Unavailable>(await source.ReadAsync("ci", "app", Cancel));
            Assert.Contains(why, result.Why, StringComparison.Ordinal);
        }
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task AnswersAreKeptForSomeSecondsAndSharedMeanwhile()
    {
        var may = new TaskCompletionSource();
        await using var server = StubServer.Start(async c =>
        {
            await may.Task;
            await StubServer.Json(c, 200, """{"metadata":{},"data":{}}""");
        });
        var source = Source(server);
        using var impatient = new CancellationTokenSource();
        var first = source.ReadAsync("ci", "app", impatient.Token);
        var second = source.ReadAsync("ci", "app", Cancel);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        may.SetResult();
        Assert.IsType<SecretResult.Found>(await second);
        await source.ReadAsync("ci", "app", Cancel);
        Assert.Single(server.Requests);
        time.Advance(TimeSpan.FromSeconds(21));
        await source.ReadAsync("ci", "app", Cancel);
        Assert.Equal(2, server.Requests.Count);
    }

    private SecretSource Source(StubServer server) => new(server.Api(time), time);
}
