using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Builders;

namespace RunnerScaler.Kubernetes.Pools;

/// <summary>Reads <c>spec.builder.registries</c>.</summary>
internal static class RegistryReader
{
    private const int MostRegistries = 20;
    private const int MostMirrors = 10;
    private const int LongestHost = 253;
    private const int LongestCa = 16_384;

    /// <summary>
    /// Certificates travel in annotations, of which a pod may have
    /// <see href="https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/">256 KiB</see>.
    /// </summary>
    private const int LongestCas = 131_072;

    public static ImmutableArray<RegistrySpec> Read(SpecNode registries)
    {
        var read = registries.Items(0, MostRegistries).Select(r => r.Object(ReadOne)).ToImmutableArray();
        if (read.Where(r => r.Host.Length > 0).GroupBy(r => r.Host).FirstOrDefault(g => g.Count() > 1) is { } twice)
            registries.Fail($"names {twice.Key} twice: make one entry of the two");
        if (read.Sum(r => r.CaPem?.Length ?? 0) > LongestCas)
            registries.Fail($"has more than {LongestCas} characters of certificates: leave out some");
        return read;
    }

    private static RegistrySpec ReadOne(SpecNode registry)
    {
        var host = registry.At("host").Text(
            "a registry's host, with its port if it has one, such as registry.acme.io:5000",
            t => SpecPatterns.Match(SpecPatterns.Host, t, LongestHost));
        var mirrors = registry.At("mirrors").Items(0, MostMirrors)
            .Select(m => m.Text(
                "a mirror's host, such as mirror.acme.io or mirror.acme.io/docker, without https://",
                t => SpecPatterns.Match(SpecPatterns.Mirror, t, LongestHost)))
            .ToImmutableArray();
        var http = registry.At("http").Flag();
        var ca = ReadCa(registry.At("ca"));
        if (http && ca is not null)
            registry.At("ca").Fail("is set, but plain HTTP needs no certificates: remove it, or http");
        return new RegistrySpec(host, mirrors, http, registry.At("insecure").Flag(), ca);
    }

    // What stands there is not quoted: it may be a key that went astray.
    private static string? ReadCa(SpecNode ca)
    {
        if (!ca.Exists)
            return null;
        var text = ca.Element.Text() ?? "";
        if (text.Length <= LongestCa && AreCertificates(text))
            return text;
        ca.Fail(
            $"is no certificate: set one or more in PEM, of at most {LongestCa} characters, and no private key");
        return null;
    }

    private static bool AreCertificates(string text)
    {
        if (text.Contains("PRIVATE KEY", StringComparison.Ordinal))
            return false;
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
            return certificates.Count > 0;
        }
        catch (CryptographicException)
        {
            return false;
        }
        finally
        {
            foreach (var certificate in certificates)
                certificate.Dispose();
        }
    }
}
