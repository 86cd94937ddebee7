using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace RunnerScaler.Tests.Sandbox.GitHub;

/// <summary>Signs as an app does, apart from the controller's own code.</summary>
internal static class TestJwt
{
    public static string Sign(RSA key, string issuer, DateTimeOffset issued, DateTimeOffset expires)
    {
        var header = Encode("""{"alg":"RS256","typ":"JWT"}""");
        var payload = Encode(
            $$"""{"iat":{{issued.ToUnixTimeSeconds()}},"exp":{{expires.ToUnixTimeSeconds()}},"iss":"{{issuer}}"}""");
        var signature = key.SignData(
            Encoding.ASCII.GetBytes($"{header}.{payload}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{header}.{payload}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
