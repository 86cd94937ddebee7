using System.Security.Cryptography.X509Certificates;
using RunnerScaler.Kubernetes.Claims;

namespace RunnerScaler.Tests.Kubernetes.Claims;

public sealed class ClaimKeyRulesTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Names = ["runnerscaler.ops.svc", "10.0.0.7"];

    [Fact]
    public void AFirstCertificateIsTrustedByItsBundleForItsNames()
    {
        var keys = ClaimKeyRules.Renew(null, Names, Start);
        Assert.True(Trusts(keys.Bundle, keys, Start.AddDays(1)));
        using var serving = keys.Serving();
        Assert.True(serving.HasPrivateKey);
        Assert.True(serving.MatchesHostname("runnerscaler.ops.svc"));
        Assert.True(serving.MatchesHostname("10.0.0.7"));
        Assert.False(serving.MatchesHostname("elsewhere.svc"));
    }

    [Fact]
    public void NothingIsRenewedBeforeItsTime()
    {
        var keys = ClaimKeyRules.Renew(null, Names, Start);
        Assert.Same(keys, ClaimKeyRules.Renew(keys, Names, Start.AddDays(59)));
    }

    [Fact]
    public void TheCertificateIsRenewedWithAThirdOfItsLifeLeftUnderTheSameAuthority()
    {
        var keys = ClaimKeyRules.Renew(null, Names, Start);
        var renewed = ClaimKeyRules.Renew(keys, Names, Start.AddDays(61));
        Assert.NotEqual(keys.Certificate, renewed.Certificate);
        Assert.Equal(keys.Bundle, renewed.Bundle);
        Assert.True(Trusts(keys.Bundle, renewed, Start.AddDays(100)));
    }

    [Fact]
    public void ANewNameNeedsANewCertificate()
    {
        var keys = ClaimKeyRules.Renew(null, Names, Start);
        var renewed = ClaimKeyRules.Renew(keys, [.. Names, "other.example"], Start.AddDays(1));
        using var serving = renewed.Serving();
        Assert.True(serving.MatchesHostname("other.example"));
        Assert.Equal(keys.Bundle, renewed.Bundle);
    }

    [Fact]
    public void AnAuthorityIsAnnouncedBeforeItSignsSoThatNoPodIsLeftBehind()
    {
        var keys = ClaimKeyRules.Renew(null, Names, Start);
        var announcedAt = Start.AddDays(3650 * 0.7);
        var announced = ClaimKeyRules.Renew(keys, Names, announcedAt);
        Assert.Equal(2, announced.Authorities().Count);
        Assert.True(Trusts(keys.Bundle, announced, announcedAt), "pods that know the old one only can still check it");

        var promotedAt = Start.AddDays(3650 * 0.85);
        var promoted = ClaimKeyRules.Renew(announced, Names, promotedAt);
        Assert.Equal(2, promoted.Authorities().Count);
        Assert.Null(promoted.NextKey);
        Assert.True(
            Trusts(announced.Bundle, promoted, promotedAt), "pods that were told of both can check the new one");
        Assert.False(Trusts(keys.Bundle, promoted, promotedAt));

        var later = ClaimKeyRules.Renew(promoted, Names, Start.AddDays(3651));
        Assert.Single(later.Authorities());
        Assert.True(Trusts(promoted.Bundle, later, Start.AddDays(3651)));
    }

    [Fact]
    public void OnceAnnouncedTheNextAuthorityStaysTheSame()
    {
        var announced = ClaimKeyRules.Renew(ClaimKeyRules.Renew(null, Names, Start), Names, Start.AddDays(3650 * 0.7));
        var again = ClaimKeyRules.Renew(announced, Names, Start.AddDays(3650 * 0.71));
        Assert.Equal((announced.Bundle, announced.NextKey), (again.Bundle, again.NextKey));
    }

    [Fact]
    public void AfterYearsWithoutAnyoneLookingThereIsStillAGoodCertificate()
    {
        var keys = ClaimKeyRules.Renew(null, Names, Start);
        var now = Start.AddDays(4000);
        var renewed = ClaimKeyRules.Renew(keys, Names, now);
        Assert.True(Trusts(renewed.Bundle, renewed, now));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public void WhatCannotBeReadIsMadeAnew(string damaged)
    {
        var keys = ClaimKeyRules.Renew(null, Names, Start);
        ClaimKeys[] broken =
        [
            keys with { Bundle = damaged }, keys with { Certificate = damaged }, keys with { Key = damaged },
            keys with { SigningKey = damaged },
        ];
        foreach (var renewed in broken.Select(b => ClaimKeyRules.Renew(b, Names, Start)))
            Assert.True(Trusts(renewed.Bundle, renewed, Start));
    }

    [Fact]
    public void NoKeyIsWrittenIntoALog() =>
        Assert.DoesNotContain("PRIVATE", ClaimKeyRules.Renew(null, Names, Start).ToString(), StringComparison.Ordinal);

    private static bool Trusts(string bundle, ClaimKeys keys, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(bundle);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        using var serving = keys.Serving();
        return chain.Build(serving);
    }
}
