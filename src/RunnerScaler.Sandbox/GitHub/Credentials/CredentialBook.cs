using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace RunnerScaler.Sandbox.GitHub.Credentials;

/// <summary>
/// Apps, their installations and tokens, and personal access tokens. Members may be called from any thread.
/// </summary>
internal sealed class CredentialBook(TimeProvider clock, Lock gate, Catalog catalog, Ids ids)
{
    private static readonly TimeSpan TokenLife = TimeSpan.FromHours(1);

    private readonly Dictionary<long, (GitHubApp App, RSA Key)> _apps = [];
    private readonly Dictionary<string, long> _appIds = [];
    private readonly SortedDictionary<long, Installation> _installations = [];
    private readonly Dictionary<string, InstallationToken> _tokens = [];
    private readonly Dictionary<string, Caller> _personal = [];

    /// <summary>Registers an app with the public half of its key.</summary>
    /// <param name="publicKey">RSA public key in PEM form.</param>
    public GitHubApp AddApp(string owner, string slug, string publicKey)
    {
        var key = RSA.Create();
        key.ImportFromPem(publicKey);
        lock (gate)
        {
            var app = new GitHubApp(
                ids.NextApp(), $"Iv23li{ids.Hex(14)}", slug, catalog.Account(owner), clock.GetUtcNow());
            _apps.Add(app.Id, (app, key));
            _appIds.Add($"{app.Id}", app.Id);
            _appIds.Add(app.ClientId, app.Id);
            return app;
        }
    }

    /// <summary>Installs an app at an account.</summary>
    /// <param name="repositories">The selected repositories (<c>owner/name</c>); null for all, also later ones.</param>
    public Installation Install(
        GitHubApp app,
        string login,
        IReadOnlyDictionary<string, string>? permissions = null,
        IEnumerable<string>? repositories = null)
    {
        lock (gate)
        {
            var installation = new Installation(
                ids.NextInstallation(), app, catalog.Account(login), clock.GetUtcNow())
            {
                Permissions = permissions ?? app.Permissions,
                Repositories = repositories?.Select(name => catalog.Repository(name).Id).ToHashSet(),
            };
            _installations.Add(installation.Id, installation);
            return installation;
        }
    }

    /// <summary>Removes an installation and with it all of its tokens.</summary>
    public void Uninstall(Installation installation)
    {
        lock (gate)
        {
            _installations.Remove(installation.Id);
            foreach (var (token, known) in _tokens.ToList())
            {
                if (known.Grant.Id == installation.Id) _tokens.Remove(token);
            }
        }
    }

    /// <summary>Suspends an installation, or takes it into use again: until then its tokens are refused.</summary>
    public void Suspend(Installation installation, bool suspended = true)
    {
        lock (gate)
        {
            _installations[installation.Id] = _installations[installation.Id] with
            {
                SuspendedAt = suspended ? clock.GetUtcNow() : null,
            };
        }
    }

    /// <summary>Makes a classic personal access token of a user, who is a member of the named accounts.</summary>
    /// <param name="scopes">For example <c>repo</c> and <c>admin:org</c>.</param>
    /// <returns>The token, a secret.</returns>
    public string AddPersonalToken(string user, IEnumerable<string> scopes, params IEnumerable<string> memberOf)
    {
        lock (gate)
        {
            var account = catalog.Account(user);
            var token = $"ghp_{ids.Hex(36)}";
            _personal.Add(token, new Caller(CallerKind.PersonalToken, $"user:{account.Id}")
            {
                User = account,
                Scopes = scopes.ToHashSet(),
                Memberships = memberOf.Select(catalog.Account).Append(account).Select(known => known.Id).ToHashSet(),
            });
            return token;
        }
    }

    public Installation? FindInstallation(long id)
    {
        lock (gate) return _installations.GetValueOrDefault(id);
    }

    public IReadOnlyList<Installation> InstallationsOf(GitHubApp app)
    {
        lock (gate) return [.. _installations.Values.Where(installation => installation.App.Id == app.Id)];
    }

    /// <summary>Mints a token of an installation, valid for one hour.</summary>
    /// <exception cref="GitHubRefusal">422: more permissions or other repositories than were granted.</exception>
    public InstallationToken CreateToken(Installation installation, TokenRequest? request = null)
    {
        lock (gate)
        {
            RefuseIfSuspended(installation);
            var grant = Narrow(installation, request ?? new TokenRequest());
            var claims = Encoding.ASCII.GetBytes($$"""{"sub":"{{grant.Id}}","jti":"{{ids.Hex(32)}}"}""");
            var text = $"ghs_{grant.App.Id}_eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9"
                + $".{Base64Url.EncodeToString(claims)}.{ids.Hex(86)}";
            var token = new InstallationToken(text, grant, clock.GetUtcNow() + TokenLife);
            _tokens.Add(text, token);
            return token;
        }
    }

    /// <summary>Reads an Authorization header; a missing one is an anonymous caller.</summary>
    /// <exception cref="GitHubRefusal">401: the credential is unknown, expired or malformed.</exception>
    public Caller Authenticate(string? authorization)
    {
        if (string.IsNullOrEmpty(authorization)) return Caller.Anonymous;
        if (authorization.Split(' ', 2) is not [var scheme, var credential] || !IsKnown(scheme)) throw BadCredentials();
        lock (gate)
        {
            var now = clock.GetUtcNow();
            if (_personal.TryGetValue(credential, out var personal)) return personal;
            if (_tokens.TryGetValue(credential, out var token) && token.ExpiresAt > now)
            {
                RefuseIfSuspended(token.Grant);
                return new Caller(CallerKind.Installation, $"installation:{token.Grant.Id}")
                {
                    Since = token.ExpiresAt - TokenLife,
                    App = token.Grant.App,
                    Installation = token.Grant,
                };
            }

            return AuthenticateApp(credential, now);
        }
    }

    private void RefuseIfSuspended(Installation installation)
    {
        if (_installations.GetValueOrDefault(installation.Id) is { SuspendedAt: not null })
            throw new GitHubRefusal(403, "This installation has been suspended");
    }

    private Caller AuthenticateApp(string credential, DateTimeOffset now)
    {
        if (AppJwt.Read(credential) is not { } jwt || !_appIds.TryGetValue(jwt.Issuer, out var id))
            throw BadCredentials();
        var (app, key) = _apps[id];
        return jwt.Fault(key, now) is { } fault
            ? throw new GitHubRefusal(401, fault)
            : new Caller(CallerKind.App, $"app:{app.Id}") { App = app };
    }

    private Installation Narrow(Installation installation, TokenRequest request)
    {
        var permissions = request.Permissions ?? installation.Permissions;
        if (permissions.Any(asked => !installation.Permissions.Includes(asked.Key, asked.Value)))
            throw new GitHubRefusal(422, "The permissions requested are not granted to this installation.");
        if (request.Repositories is null && request.RepositoryIds is null)
            return installation with { Permissions = permissions };
        var asked = catalog.RepositoriesOf(installation.Account)
            .Where(installation.Covers)
            .Where(repository => Names(request, repository))
            .Select(repository => repository.Id)
            .ToHashSet();
        if (asked.Count != (request.Repositories?.Count ?? 0) + (request.RepositoryIds?.Count ?? 0))
            throw new GitHubRefusal(422, "There is at least one repository that does not exist or is not accessible.");
        return installation with { Permissions = permissions, Repositories = asked };
    }

    private static bool Names(TokenRequest request, Repository repository) =>
        request.Repositories?.Contains(repository.Name, StringComparer.OrdinalIgnoreCase) == true
        || request.RepositoryIds?.Contains(repository.Id) == true;

    private static bool IsKnown(string scheme) =>
        scheme.Equals("bearer", StringComparison.OrdinalIgnoreCase)
        || scheme.Equals("token", StringComparison.OrdinalIgnoreCase);

    private static GitHubRefusal BadCredentials() => new(401, "Bad credentials");
}
