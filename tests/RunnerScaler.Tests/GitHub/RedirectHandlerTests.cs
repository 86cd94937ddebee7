using System.Net;
using System.Net.Http.Headers;
using System.Text;
using RunnerScaler.GitHub.Http;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.GitHub;

public sealed class RedirectHandlerTests
{
    private readonly List<string> sent = [];
    private readonly List<string> moved = [];

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task TheSameRequestIsSentToWhereTheSameServerSays(int status)
    {
        var pipe = Over(request => request.RequestUri!.AbsolutePath == "/x"
            ? To("/repositories/7/actions/runners/generate-jitconfig?a=b", status)
            : FakeGitHub.Json(new { }, HttpStatusCode.Created));

        var answer = await pipe.SendAsync(Post("https://api.github.com/x", "{\"name\":\"a\"}"), GitHubRig.Cancel);

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal(
            [
                "POST https://api.github.com/x Bearer t1 {\"name\":\"a\"}",
                "POST https://api.github.com/repositories/7/actions/runners/generate-jitconfig?a=b Bearer t1 "
                    + "{\"name\":\"a\"}",
            ],
            sent);
        Assert.Equal(status is 301 or 308 ? ["/x"] : [], moved);
    }

    [Theory]
    [InlineData("https://api.github.com:8443/x")]
    [InlineData("http://api.github.com/x")]
    [InlineData("https://api.github.com.evil.example/x")]
    [InlineData("https://token@api.github.com/x")]
    [InlineData("//169.254.169.254/latest/meta-data/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://10.0.0.1:10255/pods")]
    [InlineData("http://localhost:8080/")]
    [InlineData("http://[::1]:8080/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://api.github.com/")]
    public async Task NothingIsSentToAnotherOrigin(string location)
    {
        var pipe = Over(_ => To(location, 301));

        var fault = Refusal(await pipe.SendAsync(Post("https://api.github.com/x", "{}"), GitHubRig.Cancel));

        Assert.Single(sent);
        Assert.Equal(ProblemReason.Unreachable, fault.Reason);
        Assert.Contains("from 'https://api.github.com:443' to '", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("meta-data", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("token@", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnotherOriginIsNotReachedThroughTheSame()
    {
        var pipe = Over(request => request.RequestUri!.AbsolutePath == "/x"
            ? To("/y", 307)
            : To("https://internal.example/z", 307));

        Refusal(await pipe.SendAsync(Post("https://api.github.com/x", "{}"), GitHubRig.Cancel));

        Assert.Equal(2, sent.Count);
    }

    [Theory]
    [InlineData("/x", 301, 6)]
    [InlineData(null, 301, 1)]
    [InlineData("http://", 301, 1)]
    [InlineData("/y", 303, 1)]
    public async Task CirclesAndAddressesThatAreNoneEnd(string? location, int status, int requests)
    {
        var pipe = Over(_ => To(location, status));

        Refusal(await pipe.SendAsync(Post("https://api.github.com/x", "{}"), GitHubRig.Cancel));

        Assert.Equal(requests, sent.Count);
    }

    [Fact]
    public async Task ARenamedRepositoryIsReadAndRegisteredAt()
    {
        var bench = new GitHubRig();
        bench.GitHub.AddRun("new", 1, "queued", new FakeJob(11, "queued"));
        bench.GitHub.Intercept = (request, path) => path switch
        {
            _ when path.StartsWith("/repos/acme/old/", StringComparison.Ordinal) =>
                To(path.Replace("/repos/acme/old/", "/repositories/7/", StringComparison.Ordinal), 301),
            "/repositories/7/actions/runners/generate-jitconfig" => FakeGitHub.Json(
                new { runner = new { id = 7 }, encoded_jit_config = "x" }, HttpStatusCode.Created),
            _ when path.StartsWith("/repositories/7/", StringComparison.Ordinal) => bench.GitHub.Model(
                path.Replace("/repositories/7/", "/repos/acme/new/", StringComparison.Ordinal)),
            _ => null,
        };

        var seen = await bench.ReadAsync(GitHubRig.Scope("https://github.com/acme/old"));

        var read = Assert.Single(seen.OfType<JobObservation.RepositoryRead>());
        Assert.Equal(11, Assert.Single(read.Jobs).Id);
        var result = await bench.Registrar.CreateJitConfigAsync(
            new(new(GitHubRig.Account, "acme", "old"), "linux-1-abc", null, LabelSet.Of("self-hosted")),
                GitHubRig.Cancel);
        Assert.IsType<RunnerScaler.Control.Ports.JitResult.Registered>(result);
        Assert.All(
            bench.Metrics.Requests,
            r => Assert.StartsWith("/repos/{owner}/{repo}/", r.Route, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("169.254.169.254", false)]
    [InlineData("::ffff:169.254.169.254", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("10.1.2.3", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("fd00::7", true)]
    [InlineData("140.82.112.5", true)]
    public void AServerIsAtAnAddressThatOneCanHave(string address, bool possible) =>
        Assert.Equal(possible, ServerAddress.IsPossible(IPAddress.Parse(address)));

    [Fact]
    public async Task NoConnectionIsMadeToAnAddressThatNoServerHas()
    {
        using var client = new HttpClient(HandlerChain.Primary());

        var thrown = await Assert.ThrowsAsync<HttpRequestException>(
            () => client.GetAsync(new Uri("http://169.254.169.254/latest/"), GitHubRig.Cancel));

        Assert.Contains("no address that a GitHub server can have", thrown.ToString(), StringComparison.Ordinal);
    }

    private static Problem Refusal(HttpResponseMessage answer) =>
        Assert.IsType<FailedResponse>(answer).Failure.Problem!;

    private static HttpRequestMessage Post(string address, string body) => new(HttpMethod.Post, new Uri(address))
    {
        Content = new StringContent(body),
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", "t1") },
    };

    private static HttpResponseMessage To(string? location, int status)
    {
        var answer = new HttpResponseMessage((HttpStatusCode)status);
        if (location is not null)
            answer.Headers.TryAddWithoutValidation("Location", location);
        return answer;
    }

    private HttpMessageInvoker Over(Func<HttpRequestMessage, HttpResponseMessage> script) =>
        new(Pipe.Over(new RedirectHandler(moved.Add), request =>
        {
            using var body = new MemoryStream();
            request.Content!.CopyTo(body, null, GitHubRig.Cancel);
            var text = Encoding.UTF8.GetString(body.ToArray());
            sent.Add($"{request.Method} {request.RequestUri} {request.Headers.Authorization} {text}");
            return script(request);
        }));
}
