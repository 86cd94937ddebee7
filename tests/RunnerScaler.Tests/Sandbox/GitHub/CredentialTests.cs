using System.Security.Cryptography;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.GitHub.Credentials;

namespace RunnerScaler.Tests.Sandbox.GitHub;

public sealed class CredentialTests : IDisposable
{
    private static readonly Dictionary<string, string> ReadActions = new() { ["actions"] = "read" };

    private readonly Box _box = new();
    private readonly RSA _key = RSA.Create(2048);
    private readonly GitHubApp _app;
    private readonly Installation _installation;

    public CredentialTests()
    {
        _box.Organization.AddRepository("acme/lib");
        _app = _box.Organization.Credentials.AddApp("acme", "scaler", _key.ExportSubjectPublicKeyInfoPem());
        _installation = _box.Organization.Credentials.Install(_app, "acme");
    }

    private CredentialBook Book => _box.Organization.Credentials;

    public void Dispose() => _key.Dispose();

    [Fact]
    public void AnAppMayNameItselfByIdOrClientId()
    {
        foreach (var issuer in (string[])[$"{_app.Id}", _app.ClientId])
            Assert.Equal(_app, Book.Authenticate($"Bearer {Jwt(issuer, -60, 540)}").App);
    }

    [Theory]
    [InlineData(-60, 541, true)]
    [InlineData(0, 600, true)]
    [InlineData(0, 601, false)]
    [InlineData(1, 60, false)]
    [InlineData(-600, 0, false)]
    public void ATokenOfAnAppIsValidForTenMinutesAtMost(int issued, int expires, bool valid) =>
        Assert.Equal(valid ? null : 401, StatusOf(Jwt($"{_app.Id}", issued, expires)));

    [Fact]
    public void AnotherKeyIsNoProof()
    {
        using var other = RSA.Create(2048);
        Assert.Equal(401, StatusOf(TestJwt.Sign(other, $"{_app.Id}", Box.Start, Box.Start.AddMinutes(1))));
    }

    [Theory]
    [InlineData("Bearer ghp_unknown")]
    [InlineData("Bearer a.b.c")]
    [InlineData("Basic YTpi")]
    [InlineData("nonsense")]
    public void UnknownCredentialsAreBad(string header) =>
        Assert.Equal(401, Box.Refused(() => Book.Authenticate(header)));

    [Fact]
    public void AnInstallationTokenNamesItsAppAndLastsAnHour()
    {
        var token = Book.CreateToken(_installation);
        Assert.StartsWith($"ghs_{_app.Id}_", token.Token, StringComparison.Ordinal);
        Assert.Equal(Box.Start.AddHours(1), token.ExpiresAt);
        Assert.Null(StatusOf(token.Token));
        _box.Pass(TimeSpan.FromHours(1));
        Assert.Equal(401, StatusOf(token.Token));
    }

    [Fact]
    public void ATokenIsNarrowedToWhatWasAskedFor()
    {
        var token = Book.CreateToken(_installation, new TokenRequest(ReadActions, ["lib"]));
        var caller = Book.Authenticate($"token {token.Token}");
        var (app, lib) = (Repository("acme/app"), Repository("acme/lib"));
        Assert.True(caller.May(lib, Permission.Actions, Permission.Read));
        Assert.False(caller.May(lib, Permission.Actions, Permission.Write));
        Assert.False(caller.Sees(app));
        Assert.False(caller.May(lib.Owner, Permission.OrganizationRunners, Permission.Read));
    }

    [Fact]
    public void ATokenCannotExceedWhatWasGranted()
    {
        var more = new Dictionary<string, string> { ["actions"] = "write" };
        Assert.Equal(422, Box.Refused(() => Book.CreateToken(_installation, new TokenRequest(more))));
        Assert.Equal(422, Box.Refused(() =>
            Book.CreateToken(_installation, new TokenRequest(Repositories: ["lib", "nothing"]))));
    }

    [Fact]
    public void AnInstallationOnSelectedRepositoriesSeesNoOthers()
    {
        var selected = Book.Install(_app, "acme", repositories: ["acme/lib"]);
        var caller = Book.Authenticate($"Bearer {Book.CreateToken(selected).Token}");
        Assert.True(caller.Sees(Repository("acme/lib")));
        Assert.False(caller.Sees(Repository("acme/app")));
    }

    [Fact]
    public void AnUninstalledAppsTokensAreVoid()
    {
        var token = Book.CreateToken(_installation);
        Book.Uninstall(_installation);
        Assert.Equal(401, StatusOf(token.Token));
    }

    [Theory]
    [InlineData("repo", true, false)]
    [InlineData("admin:org", false, true)]
    [InlineData("repo,admin:org", true, true)]
    public void APersonalTokenReachesWhatItsScopesSay(string scopes, bool repository, bool runners)
    {
        _box.Organization.AddUser("alice");
        var token = Book.AddPersonalToken("alice", scopes.Split(','), "acme");
        var caller = Book.Authenticate($"Bearer {token}");
        var app = Repository("acme/app");
        Assert.Equal(repository, caller.Sees(app));
        Assert.Equal(repository, caller.May(app, Permission.Administration, Permission.Write));
        Assert.Equal(runners, caller.May(app.Owner, Permission.OrganizationRunners, Permission.Write));
    }

    private Repository Repository(string fullName) => _box.Organization.FindRepository(fullName)!;

    private string Jwt(string issuer, int issued, int expires) =>
        TestJwt.Sign(_key, issuer, Box.Start.AddSeconds(issued), Box.Start.AddSeconds(expires));

    private int? StatusOf(string credential)
    {
        try
        {
            Book.Authenticate($"Bearer {credential}");
            return null;
        }
        catch (GitHubRefusal refusal)
        {
            return refusal.StatusCode;
        }
    }
}
