using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace RunnerScaler.GitHub.Accounts;

/// <summary>
/// The web token with which an App speaks for itself
/// (<see href="https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app">JWT</see>).
/// </summary>
internal static class AppJwt
{
    /// <summary>A minute back, for clocks that differ; GitHub accepts ten minutes ahead at most.</summary>
    private static readonly TimeSpan Backdated = TimeSpan.FromMinutes(1);

    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(9);

    /// <summary>A clock that is so far ahead of GitHub's, or more, makes assertions that it does not accept.</summary>
    public static readonly TimeSpan MostAhead = TimeSpan.FromMinutes(1);

    /// <summary>The same, behind.</summary>
    public static readonly TimeSpan MostBehind = Lifetime;

    public static string Create(GitHubCredential.App app, DateTimeOffset now)
    {
        var claims = new JsonObject
        {
            ["iat"] = (now - Backdated).ToUnixTimeSeconds(),
            ["exp"] = (now + Lifetime).ToUnixTimeSeconds(),
            ["iss"] = app.AppId,
        };
        var content = $"{Encode("""{"alg":"RS256","typ":"JWT"}""")}.{Encode(claims.ToJsonString())}";
        using var rsa = RSA.Create();
        rsa.ImportFromPem(app.PrivateKey);
        var signature = rsa.SignData(
            Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{content}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
