using System.Net;
using System.Text;
using RunnerImage.Http;
using RunnerImage.Images;
using RunnerImage.Registries;
using RunnerImage.Web;
using HttpRequest = RunnerImage.Http.HttpRequest;

namespace RunnerImage.Tests.Registries;

/// <summary>The list of a repository's tags, whatever a registry answers.</summary>
public sealed class RegistryTagsTests : IDisposable
{
    private const string Tags = "/v2/acme/app/tags/list";

    private readonly List<HttpRequest> asked = [];
    private readonly WebReader web = new(TimeProvider.System);
    private HttpSocket? registry;

    public void Dispose()
    {
        registry?.Dispose();
        web.Dispose();
    }

    [Fact]
    public void PagesAreFollowedAndNamesSaidOnce()
    {
        Serve(r => r.Value("last") switch
        {
            "" => Page("1 2", $"<{Tags}?last=2&n=2>; rel=\"next\""),
            "2" => Page("2 3", "<?last=3>; rel=next"),
            _ => Page("4"),
        });

        Assert.Equal(["1", "2", "3", "4"], List());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"tags\":null}")]
    [InlineData("{\"name\":\"acme/app\",\"tags\":[]}")]
    public void ARepositoryMayHaveNone(string body)
    {
        Serve(_ => new(200, body));

        Assert.Empty(List());
    }

    [Theory]
    [InlineData("{\"tags\":[\"1\",\"a b\"]}", "the registry lists \"a b\" as a tag")]
    [InlineData("{\"tags\":[\"../../etc\"]}", "\"../../etc\"")]
    [InlineData("{\"tags\":[\"\\u001b[2J\\n::error::x\"]}", "\" [2J ::error::x\"")]
    [InlineData("{\"tags\":[null]}", "invalid tag format")]
    [InlineData("{\"tags\":[1]}", "list of tags is none")]
    [InlineData("{\"tags\":[\"\\ud800\"]}", "list of tags is none")]
    [InlineData("[]", "list of tags is none")]
    [InlineData("<html>", "list of tags is none")]
    public void WhatIsNoTagIsNeverPulled(string body, string words)
    {
        Serve(_ => new(200, body));

        Assert.Contains(words, Assert.Throws<TransferException>(List).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AListHasAnEnd()
    {
        var page = 0;
        Serve(_ => Page($"{++page}", $"<?last={page}>; rel=\"next\""));

        Assert.Contains("a list without an end", Assert.Throws<TransferException>(List).Message,
            StringComparison.Ordinal);
        Assert.Equal(1000, page);
    }

    [Fact]
    public void APageHasAnEnd()
    {
        Serve(_ => new(200, $"{{\"tags\":[\"{new string('1', 5 << 20)}\"]}}"));

        Assert.Contains("too long", Assert.Throws<TransferException>(List).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/v2/x")]
    [InlineData("//example.com/v2/x")]
    [InlineData("file:///etc/passwd")]
    public void ThePageAfterIsOfTheSameServer(string next)
    {
        Serve(_ => Page("1", $"<{next}>; rel=\"next\""));

        Assert.Contains("is not at the registry", Assert.Throws<TransferException>(List).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, "NAME_UNKNOWN", "not found: name unknown: x y")]
    [InlineData(403, "DENIED", "may require 'docker login': denied: x y")]
    [InlineData(500, "UNKNOWN", "unknown: x y")]
    public void ARefusalIsSaidInDockersWords(int status, string code, string words)
    {
        Serve(_ => new(status, $$"""{"errors":[{"code":"{{code}}","message":"x\ny"}]}"""));

        Assert.EndsWith(words, Assert.Throws<RegistryException>(List).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ARefusalWithoutWordsIsSaidByItsNumber()
    {
        Serve(_ => new(502, "<html>"));

        Assert.Contains("502", Assert.Throws<RegistryException>(List).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ATokenIsGotByNameAndPassword()
    {
        Serve(r => r.Path == "/token"
            ? new(r.Header("Authorization") == Basic("robot:s3:cret") ? 200 : 403, """{"token":"t0ken"}""")
            : r.Header("Authorization") == "Bearer t0ken"
                ? Page("1")
                : Challenge($"Bearer realm=\"http://{registry!.Address}/token\",service=\"a&b\""));

        Assert.Equal(["1"], List("""{"username":"robot","password":"s3:cret"}"""));
        Assert.Equal("a&b", asked[1].Value("service"));
        Assert.Equal("repository:acme/app:pull", asked[1].Value("scope"));
    }

    [Fact]
    public void ATokenIsGotByATokenOfThePerson()
    {
        Serve(r => r.Path == "/token"
            ? new(r.Method == "POST" && Body(r).Contains("refresh_token=id3ntity", StringComparison.Ordinal)
                ? 200
                : 403, """{"access_token":"t0ken"}""")
            : r.Header("Authorization") == "Bearer t0ken"
                ? Page("1")
                : Challenge($"Bearer realm=\"http://{registry!.Address}/token\""));

        Assert.Equal(["1"], List("""{"identitytoken":"id3ntity"}"""));
    }

    [Theory]
    [InlineData("Basic realm=\"x\"", "Basic cm9ib3Q6czNjcmV0", """{"username":"robot","password":"s3cret"}""")]
    [InlineData("Bearer realm=\"http://127.0.0.1:1/\"", "Bearer given", """{"registrytoken":"given"}""")]
    public void WhatIsThereIsSent(string challenge, string expected, string login)
    {
        Serve(r => r.Header("Authorization") == expected ? Page("1") : Challenge(challenge));

        Assert.Equal(["1"], List(login));
    }

    [Theory]
    [InlineData("Basic realm=\"x\"", "no basic auth credentials")]
    [InlineData("Negotiate", "no basic auth credentials")]
    [InlineData("Bearer realm=\"nowhere\"", "names no place")]
    [InlineData("Bearer realm=\"file:///etc/passwd\"", "names no place")]
    [InlineData("Bearer realm=\"http://127.0.0.1:1/\"", "connection refused")]
    public void WithoutCredentialsItIsRefused(string challenge, string words)
    {
        Serve(_ => Challenge(challenge));

        Assert.Contains(words, Assert.ThrowsAny<Exception>(List).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ATokenThatIsNoneGoesNowhere()
    {
        Serve(r => r.Path == "/token"
            ? new(200, """{"token":"a\r\nX-Evil: 1"}""")
            : Challenge($"Bearer realm=\"http://{registry!.Address}/token\""));

        Assert.Contains("answers with no token", Assert.Throws<TransferException>(List).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not base64!")]
    [InlineData("bnVsbA==")]
    [InlineData("eyJ1c2VybmFtZSI6MX0=")]
    [InlineData("")]
    public void AHeaderThatIsNoneIsNoLogin(string header) =>
        Assert.Equal(RegistryLogin.None, RegistryLogin.Parse(header));

    private IReadOnlyList<string> List() => List("{}");

    private IReadOnlyList<string> List(string login) => new RegistryTags(new(web, [])).List(
        ImageReference.Parse($"{registry!.Address}/acme/app")!,
        RegistryLogin.Parse(Convert.ToBase64String(Encoding.UTF8.GetBytes(login)).Replace('+', '-').Replace('/', '_')));

    private void Serve(Func<HttpRequest, Answer> answer) =>
        registry = HttpSocket.Listen(new IPEndPoint(IPAddress.Loopback, 0), (request, reply) =>
        {
            lock (asked)
                asked.Add(request);
            var (status, body, headers) = answer(request);
            reply.Send(status, HttpReply.Json, Encoding.UTF8.GetBytes(body), headers ?? []);
        });

    private static Answer Page(string tags, string? link = null) => new(
        200, $"{{\"tags\":[{string.Join(',', tags.Split(' ').Select(t => $"\"{t}\""))}]}}",
        link is null ? null : [("Link", link)]);

    private static Answer Challenge(string challenge) => new(401, "{}", [("WWW-Authenticate", challenge)]);

    private static string Basic(string text) => $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}";

    private static string Body(HttpRequest request) => new StreamReader(request.Body).ReadToEnd();

    private sealed record Answer(int Status, string Body, (string Name, string Value)[]? Headers = null);
}
