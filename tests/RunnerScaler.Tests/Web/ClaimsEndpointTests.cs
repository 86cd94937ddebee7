using System.Net;
using System.Text.Json;
using RunnerScaler.Control.Ports;
using RunnerScaler.Protocol;

namespace RunnerScaler.Tests.Web;

public sealed class ClaimsEndpointTests
{
    private const string Token = "eyJhbGciOi.the-token-of-a-pod";
    private static readonly PodIdentity pod = new("ci", "linux-7", "6f1a0f3e-0000-4000-8000-000000000001");

    [Fact]
    public async Task AGrantedClaimCarriesNameAndIdentityAndIsNotStored()
    {
        await using var host = await StartAsync(new ClaimAnswer.Granted("linux-7-6f1a0f3e", "c2VjcmV0"));

        using var response = await host.ClaimAsync(Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.CacheControl?.NoStore);
        using var body = JsonDocument.Parse(
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("linux-7-6f1a0f3e", body.RootElement.GetProperty("runnerName").GetString());
        Assert.Equal("c2VjcmV0", body.RootElement.GetProperty("jitConfig").GetString());
        Assert.Equal(2, body.RootElement.EnumerateObject().Count());
    }

    [Fact]
    public async Task TheDeskIsAskedForThePodThatTheTokenNames()
    {
        await using var host = await StartAsync(new ClaimAnswer.Standby());
        PodIdentity? asked = null;
        host.Answer = (who, _) =>
        {
            asked = who;
            return Task.FromResult<ClaimAnswer>(new ClaimAnswer.Standby());
        };

        using var response = await host.ClaimAsync(Token);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(pod, asked);
    }

    [Theory]
    [InlineData("retire", HttpStatusCode.Gone, "no job needs it")]
    [InlineData("refused", HttpStatusCode.Forbidden, "no pod of a pool")]
    public async Task WhatIsFinalIsSaidWithItsReason(string kind, HttpStatusCode status, string why)
    {
        await using var host =
            await StartAsync(kind == "retire" ? new ClaimAnswer.Retired(why) : new ClaimAnswer.Refused(why));

        using var response = await host.ClaimAsync(Token);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(why, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1.2, 2)]
    [InlineData(40, 40)]
    public async Task UnavailableTellsWhenToComeAgainInWholeSeconds(double after, int seconds)
    {
        await using var host = await StartAsync(new ClaimAnswer.Unavailable(TimeSpan.FromSeconds(after)));

        using var response = await host.ClaimAsync(Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(seconds), response.Headers.RetryAfter?.Delta);
    }

    [Theory]
    [InlineData("returned", HttpStatusCode.NoContent)]
    [InlineData("busy", HttpStatusCode.Conflict)]
    [InlineData("unavailable", HttpStatusCode.ServiceUnavailable)]
    public async Task AnIdentityIsGivenBackByDeletingIt(string answer, HttpStatusCode status)
    {
        await using var host = await StartAsync(new ClaimAnswer.Standby());
        PodIdentity? asked = null;
        host.Return = (who, _) =>
        {
            asked = who;
            return Task.FromResult<ReturnAnswer>(answer switch
            {
                "returned" => new ReturnAnswer.Returned(),
                "busy" => new ReturnAnswer.Busy(),
                _ => new ReturnAnswer.Unavailable(TimeSpan.FromSeconds(3)),
            });
        };

        using var response = await host.ReturnAsync(Token);

        Assert.Equal((status, pod), (response.StatusCode, asked));
        Assert.Equal(answer == "unavailable" ? TimeSpan.FromSeconds(3) : null, response.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task OnlyThePodItselfMayGiveItsIdentityBack()
    {
        await using var host = await StartAsync(new ClaimAnswer.Standby());
        host.Review = token => token == Token ? new ReviewResult.Pod(pod) : new ReviewResult.Rejected();
        host.Return = (_, _) => throw new InvalidOperationException("nobody may ask");

        using var without = await host.ReturnAsync(token: null);
        using var wrong = await host.ReturnAsync("another token");

        Assert.Equal(
            (HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (without.StatusCode, wrong.StatusCode));
    }

    [Fact]
    public async Task WithoutATokenNobodyIsAsked()
    {
        await using var host = await StartAsync(new ClaimAnswer.Granted("linux-7-6f1a0f3e", "c2VjcmV0"));

        using var response = await host.ClaimAsync(token: null);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task ATokenThatIsNotValidIsUnauthorized()
    {
        await using var host = await StartAsync(new ClaimAnswer.Granted("linux-7-6f1a0f3e", "c2VjcmV0"));
        host.Review = token => token == Token ? new ReviewResult.Pod(pod) : new ReviewResult.Rejected();

        using var response = await host.ClaimAsync("another-token");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task AReviewThatGivesNoAnswerMeansComeAgain()
    {
        await using var host = await StartAsync(new ClaimAnswer.Granted("linux-7-6f1a0f3e", "c2VjcmV0"));
        host.Review = _ => new ReviewResult.Unavailable();

        using var response = await host.ClaimAsync(Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task AFailureIsLoggedAndThePodComesAgain()
    {
        await using var host = await StartAsync(new ClaimAnswer.Standby());
        host.Answer = (_, _) => throw new InvalidOperationException("The desk fell over.");

        using var response = await host.ClaimAsync(Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter?.Delta);
        Assert.Contains(host.Log.Lines, line => line.Contains("The desk fell over.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ABodyThatNobodyAskedForIsRefused()
    {
        await using var host = await StartAsync(new ClaimAnswer.Standby());

        using var response = await host.ClaimAsync(Token, new ByteArrayContent(new byte[2000]));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task MoreClaimsThanMayBeHeldAreSentAway()
    {
        await using var host = await StartAsync(new ClaimAnswer.Standby(), maxHeldClaims: 2);
        var (arrived, release) = (new SemaphoreSlim(0), new TaskCompletionSource<ClaimAnswer>());
        host.Answer = (_, _) =>
        {
            arrived.Release();
            return release.Task;
        };
        Task<HttpResponseMessage>[] held = [host.ClaimAsync(Token), host.ClaimAsync(Token)];
        await arrived.WaitAsync(TestContext.Current.CancellationToken);
        await arrived.WaitAsync(TestContext.Current.CancellationToken);

        using var third = await host.ClaimAsync(Token);
        release.SetResult(new ClaimAnswer.Standby());
        var answers = await Task.WhenAll(held);
        using var later = await host.ClaimAsync(Token);

        Assert.Equal(HttpStatusCode.TooManyRequests, third.StatusCode);
        Assert.NotNull(third.Headers.RetryAfter?.Delta);
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode));
        Assert.Equal(HttpStatusCode.NoContent, later.StatusCode);
    }

    [Fact]
    public async Task AHeldClaimIsLetGoWhenTheControllerStops()
    {
        await using var host = await StartAsync(new ClaimAnswer.Standby());
        var arrived = new TaskCompletionSource();
        host.Answer = async (_, cancel) =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            return new ClaimAnswer.Standby();
        };

        var held = host.ClaimAsync(Token);
        await arrived.Task;
        host.Stop();
        using var response = await held;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task NeitherTokenNorIdentityIsLogged()
    {
        await using var host = await StartAsync(new ClaimAnswer.Granted("linux-7-6f1a0f3e", "c2VjcmV0"));

        using var granted = await host.ClaimAsync(Token);
        host.Review = _ => new ReviewResult.Rejected();
        using var rejected = await host.ClaimAsync(Token);

        Assert.Contains(host.Log.Lines, line => line.Contains("linux-7", StringComparison.Ordinal));
        Assert.DoesNotContain(host.Log.Lines, line => line.Contains(Token, StringComparison.Ordinal));
        Assert.DoesNotContain(host.Log.Lines, line => line.Contains("c2VjcmV0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WrongTokensAreToldOfOnceInAWhile()
    {
        await using var host = await StartAsync(new ClaimAnswer.Standby());
        host.Review = _ => new ReviewResult.Rejected();
        for (var i = 0; i < 20; i++)
        {
            using var rejected = await host.ClaimAsync(Token);
            Assert.Equal(HttpStatusCode.Unauthorized, rejected.StatusCode);
        }
        Assert.Single(host.Log.Lines, line => line.Contains("token that is not valid", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WrongTokensTakeNoRoomOfTheClaimsThatAreHeld()
    {
        await using var host = await StartAsync(new ClaimAnswer.Standby(), maxHeldClaims: 1);
        host.Review = token => token == Token ? new ReviewResult.Pod(pod) : new ReviewResult.Rejected();
        var (arrived, release) = (new TaskCompletionSource(), new TaskCompletionSource<ClaimAnswer>());
        host.Answer = (_, _) =>
        {
            arrived.SetResult();
            return release.Task;
        };
        var held = host.ClaimAsync(Token);
        await arrived.Task;

        using var wrong = await host.ClaimAsync("another");

        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        release.SetResult(new ClaimAnswer.Standby());
        using var answer = await held;
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    private static async Task<EndpointHost> StartAsync(ClaimAnswer answer, int maxHeldClaims = 10)
    {
        var host = await EndpointHost.StartAsync(maxHeldClaims);
        host.Review = _ => new ReviewResult.Pod(pod);
        host.Answer = (_, _) => Task.FromResult(answer);
        return host;
    }
}
