using System.Buffers.Text;
using System.Text;

namespace RunnerScaler.Sandbox.GitHub.Credentials;

/// <summary>A right to administer the scale sets of a scope. The token is a secret.</summary>
internal sealed class AdminToken(string token, string scope, DateTimeOffset expiresAt)
{
    public string Token { get; } = token;

    public string Scope { get; } = scope;

    public DateTimeOffset ExpiresAt { get; } = expiresAt;
}

/// <summary>
/// Tokens to register runners with, and what one is exchanged for: an administrator's token of the Actions service.
/// Members may be called from any thread.
/// </summary>
internal sealed class RunnerTokens(TimeProvider clock, Lock gate, Ids ids, ScaleSetSettings settings)
{
    private const string Scheme = "RemoteAuth ";
    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private readonly Dictionary<string, (string Scope, DateTimeOffset ExpiresAt)> _registration = [];
    private readonly Dictionary<string, AdminToken> _admin = [];

    /// <summary>Makes a token to register or remove a runner of a scope, valid for one hour.</summary>
    public (string Token, DateTimeOffset ExpiresAt) Create(string scope)
    {
        lock (gate)
        {
            var token = ids.Hex(29).ToUpperInvariant();
            var expiresAt = clock.GetUtcNow() + Life;
            _registration[token] = (scope, expiresAt);
            return (token, expiresAt);
        }
    }

    /// <summary>Exchanges a registration token, sent as <c>RemoteAuth</c>, for an administrator's.</summary>
    /// <param name="scope">What the caller means to administer.</param>
    /// <exception cref="GitHubRefusal">401: no valid token; 404: it is one of another scope.</exception>
    public AdminToken Exchange(string? authorization, string scope)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            if (authorization?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) != true
                || !_registration.TryGetValue(authorization[Scheme.Length..].Trim(), out var known)
                || known.ExpiresAt <= now)
                throw new GitHubRefusal(401, "Bad credentials");
            if (!known.Scope.Equals(scope, StringComparison.OrdinalIgnoreCase)) throw GitHubRefusal.NotFound();
            var admin = new AdminToken(Jwt(now), known.Scope, now + settings.AdminTokenLife);
            _admin[admin.Token] = admin;
            return admin;
        }
    }

    /// <exception cref="ActionsRefusal">401: no administrator's token, or one that has expired.</exception>
    public AdminToken Authenticate(string? token)
    {
        lock (gate)
        {
            return token is not null && _admin.TryGetValue(token, out var admin) && admin.ExpiresAt > clock.GetUtcNow()
                ? admin
                : throw ActionsRefusal.Unauthorized("The token is not valid or has expired.");
        }
    }

    private string Jwt(DateTimeOffset now)
    {
        var expires = (now + settings.AdminTokenLife).ToUnixTimeSeconds();
        var claims = Encoding.ASCII.GetBytes(
            $$"""{"nbf":{{now.ToUnixTimeSeconds()}},"exp":{{expires}},"jti":"{{ids.Hex(32)}}"}""");
        return $"eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.{Base64Url.EncodeToString(claims)}.{ids.Hex(86)}";
    }
}
