using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RunnerScaler.Kubernetes.Claims;

/// <summary>
/// When keys are made anew. A certificate when a third of its life is left. An authority in three steps, so that no pod
/// ever meets a certificate that it cannot check: a third before its end pods are told of the next one, a sixth before
/// its end the next one signs, and after its end pods no longer hear of it.
/// </summary>
internal static class ClaimKeyRules
{
    private const double AnnounceAt = 1.0 / 3;
    private const double PromoteAt = 1.0 / 6;

    /// <summary>The keys as they should be now: the same instance if nothing is to be done.</summary>
    /// <param name="keys">The keys as they are; null if there are none, or none that can be read.</param>
    /// <param name="names">DNS names and IP addresses of the endpoint.</param>
    /// <param name="now">The time.</param>
    public static ClaimKeys Renew(ClaimKeys? keys, IReadOnlyList<string> names, DateTimeOffset now)
    {
        if (keys is null || !CanBeRead(keys))
        {
            var (authority, key) = ClaimKeyMaker.Authority(now);
            return Issue(new ClaimKeys(authority, key, null, "", ""), names, now);
        }
        var renewed = RenewAuthorities(keys, now);
        return ReferenceEquals(renewed, keys) && !NeedsCertificate(keys, names, now) ? keys
            : NeedsCertificate(renewed, names, now) ? Issue(renewed, names, now)
            : renewed;
    }

    private static ClaimKeys RenewAuthorities(ClaimKeys keys, DateTimeOffset now)
    {
        var authorities = keys.Authorities();
        var left = Left(authorities[0], now);
        if (left <= AnnounceAt && keys.NextKey is null)
        {
            var (next, key) = ClaimKeyMaker.Authority(now);
            keys = keys with { Bundle = Pem([authorities[0]]) + next + Pem(authorities.Skip(1)), NextKey = key };
            authorities = keys.Authorities();
        }
        if (left <= PromoteAt && keys.NextKey is { } nextKey)
            return keys with
            {
                Bundle = Pem([authorities[1]]) + Pem(StillValid(authorities.Where((_, i) => i != 1), now)),
                SigningKey = nextKey,
                NextKey = null,
            };
        var kept = authorities.Where((a, i) => i == 0 || Left(a, now) > 0).ToList();
        return kept.Count == authorities.Count ? keys : keys with { Bundle = Pem(kept) };
    }

    private static ClaimKeys Issue(ClaimKeys keys, IReadOnlyList<string> names, DateTimeOffset now)
    {
        using var authority = X509Certificate2.CreateFromPem(keys.Bundle, keys.SigningKey);
        var (certificate, key) = ClaimKeyMaker.Certificate(authority, names, now);
        return keys with { Certificate = certificate, Key = key };
    }

    private static bool NeedsCertificate(ClaimKeys keys, IReadOnlyList<string> names, DateTimeOffset now)
    {
        using var serving = keys.Serving();
        var authority = keys.Authorities()[0];
        return Left(serving, now) <= AnnounceAt
            || serving.IssuerName.Name != authority.SubjectName.Name
            || !names.All(n => Covers(serving, n));
    }

    private static bool Covers(X509Certificate2 certificate, string name)
    {
        var alternatives = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().ToList();
        return IPAddress.TryParse(name, out var address)
            ? alternatives.Any(a => a.EnumerateIPAddresses().Contains(address))
            : alternatives.Any(a => a.EnumerateDnsNames().Contains(name, StringComparer.OrdinalIgnoreCase));
    }

    private static bool CanBeRead(ClaimKeys keys)
    {
        try
        {
            using var serving = keys.Serving();
            using var authority = X509Certificate2.CreateFromPem(keys.Bundle, keys.SigningKey);
            return keys.NextKey is null || keys.Authorities().Count > 1;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Which part of its life is left; negative after its end.</summary>
    private static double Left(X509Certificate2 certificate, DateTimeOffset now) =>
        (certificate.NotAfter.ToUniversalTime() - now.UtcDateTime)
        / (certificate.NotAfter.ToUniversalTime() - certificate.NotBefore.ToUniversalTime());

    private static IEnumerable<X509Certificate2> StillValid(
        IEnumerable<X509Certificate2> authorities, DateTimeOffset now) =>
        authorities.Where(a => Left(a, now) > 0);

    private static string Pem(IEnumerable<X509Certificate2> certificates) =>
        string.Concat(certificates.Select(c => c.ExportCertificatePem() + "\n"));
}
