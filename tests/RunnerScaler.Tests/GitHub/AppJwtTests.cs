using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RunnerScaler.GitHub.Accounts;

namespace RunnerScaler.Tests.GitHub;

public sealed class AppJwtTests
{
    [Fact]
    public void ItIsSignedAndHoldsForLessThanTenMinutes()
    {
        var now = FakeGitHub.Start;
        var jwt = AppJwt.Create(new GitHubCredential.App("Iv1.abc", GitHubRig.PrivateKey, null), now);
        var parts = jwt.Split('.');

        using var rsa = RSA.Create();
        rsa.ImportFromPem(GitHubRig.PrivateKey);
        Assert.True(rsa.VerifyData(
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"),
            Base64Url.DecodeFromChars(parts[2]),
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1));
        Assert.Equal("""{"alg":"RS256","typ":"JWT"}""", Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[0])));
        var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1])).RootElement;
        Assert.Equal("Iv1.abc", claims.GetProperty("iss").GetString());
        Assert.Equal(now.ToUnixTimeSeconds() - 60, claims.GetProperty("iat").GetInt64());
        Assert.Equal(now.ToUnixTimeSeconds() + 540, claims.GetProperty("exp").GetInt64());
    }
}
