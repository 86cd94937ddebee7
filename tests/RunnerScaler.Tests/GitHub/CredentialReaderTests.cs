using System.Security.Cryptography;
using RunnerScaler.GitHub.Accounts;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.GitHub;

public sealed class CredentialReaderTests
{
    private const string Key = "private_key";

    public static TheoryData<string[], string> Wrong => new()
    {
        { [], "has none of our keys" },
        { ["token", "abc", "tokn", "x"], "unknown key 'tokn'" },
        { ["username", "bob"], "unknown key 'username'" },
        { ["token", "ghp_secret", "app_id", "7"], "both 'token' and 'app_id'" },
        { ["token", "ghp_secret", Key, "PEM"], "both 'token' and 'private_key'" },
        { ["token", " \n "], "empty 'token'" },
        { ["token", "ghp_secret and more"], "blanks or control characters" },
        { ["token", "ghp_secrét"], "blanks or control characters" },
        { ["app_id", "7"], "has no 'private_key'" },
        { [Key, "PEM"], "has no 'app_id'" },
        { ["installation_id", "5"], "has no 'app_id'" },
        { ["app_id", "my app", Key, "PEM"], "an 'app_id' that is none" },
        { ["app_id", "7", Key, "secret"], "not an RSA private key in PEM form" },
        { ["app_id", "7", Key, "EC"], "not an RSA private key in PEM form" },
        { ["app_id", "7", Key, "PUBLIC"], "not an RSA private key in PEM form" },
        { ["app_id", "7", Key, "LOCKED"], "protected by a passphrase" },
        { ["app_id", "7", Key, "ESCAPED"], "not an RSA private key in PEM form" },
        { ["app_id", "7", Key, "PEM", "installation_id", "abc"], "'installation_id' that is no number" },
        { ["app_id", "7", Key, "PEM", "installation_id", "-1"], "'installation_id' that is no number" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void WhatIsWrongIsSaidWithoutTheSecret(string[] keysAndValues, string said)
    {
        var data = FakeSecrets.Data([.. keysAndValues.Chunk(2).Select(p => (p[0], Expand(p[1])))]);

        var credential = CredentialReader.Read(GitHubRig.Account, data, out var fault);

        Assert.Null(credential);
        Assert.Equal(ProblemReason.CredentialsInvalid, fault!.Reason);
        Assert.StartsWith("Secret runners/github has ", fault.Message, StringComparison.Ordinal);
        Assert.Contains(said, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secr", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("BEGIN", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ATokenIsReadWithoutItsLineBreak()
    {
        var credential =
            CredentialReader.Read(GitHubRig.Account, FakeSecrets.Data(("token", "ghp_x\n")), out var fault);

        Assert.Null(fault);
        Assert.Equal("ghp_x", Assert.IsType<GitHubCredential.Token>(credential).Value);
    }

    [Theory]
    [InlineData("123456")]
    [InlineData("Iv23liAbCdEfGhIjKlMn")]
    [InlineData("Iv1.8a61f9b3a7aba766")]
    public void AnAppIsReadByItsIdOrClientId(string id)
    {
        var data = FakeSecrets.Data(("app_id", id), (Key, GitHubRig.PrivateKey), ("installation_id", "99999999999"));

        var app = Assert.IsType<GitHubCredential.App>(CredentialReader.Read(GitHubRig.Account, data, out var fault));

        Assert.Null(fault);
        Assert.Equal((id, 99999999999L), (app.AppId, app.InstallationId));
    }

    [Fact]
    public void BothFormsOfPemAreRead()
    {
        using var rsa = RSA.Create(2048);
        foreach (var pem in new[] { rsa.ExportRSAPrivateKeyPem(), rsa.ExportPkcs8PrivateKeyPem() })
            Assert.NotNull(
                CredentialReader.Read(GitHubRig.Account, FakeSecrets.Data(("app_id", "7"), (Key, pem)), out _));
    }

    [Fact]
    public void PrintingACredentialShowsNoSecret()
    {
        Assert.Equal("token", new GitHubCredential.Token("ghp_secret").ToString());
        Assert.Equal("GitHub App", $"{new GitHubCredential.App("7", "secret", null)}");
    }

    private static string Expand(string value)
    {
        using var rsa = RSA.Create(2048);
        using var curve = ECDsa.Create();
        return value switch
        {
            "PEM" => GitHubRig.PrivateKey,
            "EC" => curve.ExportECPrivateKeyPem(),
            "PUBLIC" => rsa.ExportRSAPublicKeyPem(),
            "LOCKED" => rsa.ExportEncryptedPkcs8PrivateKeyPem(
                "secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)),
            "ESCAPED" => GitHubRig.PrivateKey.ReplaceLineEndings("\\n"),
            _ => value,
        };
    }
}
