using RunnerScaler.GitHub;
using RunnerScaler.GitHub.Http;

namespace RunnerScaler.Tests.GitHub;

public sealed class EnvironmentProxyTests
{
    private const string GitHub = "https://api.github.com/meta";

    [Theory]
    [InlineData("HTTPS_PROXY", "http://p:1", GitHub, "http://p:1/")]
    [InlineData("https_proxy", "http://p:1", GitHub, "http://p:1/")]
    [InlineData("ALL_PROXY", "http://p:1", GitHub, "http://p:1/")]
    [InlineData("HTTP_PROXY", "http://p:1", GitHub, null)]
    [InlineData("HTTP_PROXY", "http://p:1", "http://ghe.test/", "http://p:1/")]
    [InlineData("HTTPS_PROXY", "http://p:1", "http://ghe.test/", null)]
    [InlineData("HTTPS_PROXY", "p:1", GitHub, "http://p:1/")]
    [InlineData("HTTPS_PROXY", " p.test ", GitHub, "http://p.test/")]
    [InlineData("HTTPS_PROXY", "socks5h://p:1", GitHub, "socks5://p:1/")]
    [InlineData("HTTPS_PROXY", "", GitHub, null)]
    [InlineData("HTTPS_PROXY", "http://p:1", "https://localhost:8443/", null)]
    [InlineData("HTTPS_PROXY", "http://p:1", "https://127.9.9.9/", null)]
    [InlineData("HTTPS_PROXY", "http://p:1", "https://[::1]/", null)]
    public void TheProxyIsTheOneOfTheScheme(string variable, string value, string address, string? proxy)
    {
        var environment = new EnvironmentProxy(name => name == variable ? value : null);
        Assert.Equal(proxy, environment.GetProxy(new Uri(address))?.AbsoluteUri);
        Assert.Equal(proxy is null, environment.IsBypassed(new Uri(address)));
    }

    [Theory]
    [InlineData("*", "https://api.github.com", true)]
    [InlineData("a.test, *", "https://api.github.com", true)]
    [InlineData("10.0.0.0/8", "https://10.96.0.1", true)]
    [InlineData("10.1.2.3/8", "https://10.96.0.1", true)]
    [InlineData("10.0.0.0/8", "https://11.0.0.1", false)]
    [InlineData("10.0.0.0/33", "https://10.0.0.1", false)]
    [InlineData("10.0.0.0/", "https://10.0.0.1", false)]
    [InlineData("2001:db8::/32", "https://[2001:db8:1::5]", true)]
    [InlineData("2001:db8::/32", "https://[2001:db9::5]", false)]
    [InlineData("192.0.2.1", "https://192.0.2.1", true)]
    [InlineData("192.0.2.1:8443", "https://192.0.2.1:8443", true)]
    [InlineData("192.0.2.1:8443", "https://192.0.2.1", false)]
    [InlineData("2001:db8::1", "https://[2001:db8::1]", true)]
    [InlineData("[2001:db8::1]:8443", "https://[2001:db8::1]:8443", true)]
    [InlineData("[2001:db8::1]:8443", "https://[2001:db8::1]", false)]
    [InlineData("example.com", "https://example.com", true)]
    [InlineData("example.com", "https://ghe.example.com", true)]
    [InlineData("EXAMPLE.com", "https://GHE.Example.COM.", true)]
    [InlineData("example.com", "https://badexample.com", false)]
    [InlineData("example.com", "https://example.com.evil.test", false)]
    [InlineData(".example.com", "https://ghe.example.com", true)]
    [InlineData(".example.com", "https://example.com", false)]
    [InlineData("*.example.com", "https://ghe.example.com", true)]
    [InlineData("*.example.com", "https://example.com", false)]
    [InlineData("example.com:443", "https://example.com", true)]
    [InlineData("example.com:8443", "https://example.com", false)]
    [InlineData(".example.com:8443", "https://ghe.example.com:8443", true)]
    [InlineData(" , ,example.com , ", "https://example.com", true)]
    [InlineData(".", "https://example.com", false)]
    [InlineData("*.", "https://example.com", false)]
    [InlineData(":443", "https://example.com", false)]
    [InlineData("", "https://example.com", false)]
    public void NoProxyIsReadAsGoReadsIt(string noProxy, string address, bool direct)
    {
        var environment = new EnvironmentProxy(name => name switch
        {
            "HTTPS_PROXY" => "http://p:1",
            "no_proxy" => noProxy,
            _ => null,
        });
        Assert.Equal(direct, environment.IsBypassed(new Uri(address)));
    }

    [Fact]
    public void ItsPasswordIsForItAloneAndInNoMessage()
    {
        var environment = new EnvironmentProxy(n => n == "HTTPS_PROXY" ? "http://jane:s%40cret@p:3128" : null);
        var credential = environment.GetCredential(new Uri("http://p:3128/"), "Basic");
        Assert.Equal(("jane", "s@cret"), (credential?.UserName, credential?.Password));
        Assert.Null(environment.GetCredential(new Uri("http://q:3128/"), "Basic"));
        var said = environment.Describe(new Uri(GitHub));
        Assert.Equal("api.github.com, through the proxy p:3128,", said);
    }

    [Theory]
    [InlineData("http://")]
    [InlineData("ftp://p:1")]
    [InlineData("http://jane:s3cret@p:99999")]
    [InlineData("jane:s3cret@p:x")]
    public void AnAddressThatIsNoneIsNamedWithoutItsValue(string value)
    {
        var problem = Assert.Single(EnvironmentProxy.Problems(n => n == "https_proxy" ? value : null));
        Assert.StartsWith("https_proxy is no address of a proxy", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AConnectionThatFailsSaysWhereToAndThroughWhat()
    {
        using var handler = new ExchangeHandler(
            new GitHubOptions(),
            new EnvironmentProxy(n => n == "HTTPS_PROXY" ? "http://jane:s3cret@p:3128" : null),
            TimeProvider.System)
        {
            InnerHandler = new Failing(),
        };
        using var client = new HttpClient(handler);
        var answer = await client.GetAsync(new Uri(GitHub), TestContext.Current.CancellationToken);
        Assert.Equal(
            "api.github.com, through the proxy p:3128, cannot be reached: no route",
            Assert.IsType<FailedResponse>(answer).Failure.Detail);
    }

    [Fact]
    public void NothingElseOfTheEnvironmentGoesToGitHub()
    {
        using var handler = HandlerChain.Primary();
        Assert.Same(EnvironmentProxy.OfProcess, handler.Proxy);
        Assert.False(handler.UseCookies);
        Assert.False(handler.AllowAutoRedirect);
        Assert.Null(handler.Credentials);
        Assert.Null(handler.DefaultProxyCredentials);
    }

    private sealed class Failing : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel) =>
            throw new HttpRequestException("An error occurred while sending the request.", new IOException("no route"));
    }
}
