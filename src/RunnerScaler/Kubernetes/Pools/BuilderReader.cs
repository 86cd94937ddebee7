using System.Collections.Immutable;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Protocol;

namespace RunnerScaler.Kubernetes.Pools;

/// <summary>Reads <c>spec.builder</c>.</summary>
internal static class BuilderReader
{
    private const int LongestImage = 500;
    private const int LongestName = 253;
    private const int MostAddresses = 50;
    private const int LongestAddress = 300;

    private static readonly string[] Resources = ["cpu", "memory", "ephemeral-storage"];

    /// <summary>What only a builder of the pod's own has.</summary>
    private static readonly string[] OfSidecar =
        ["profile", "image", "resources", "stateSize", "appArmorProfile", "seccompProfile", "cache"];

    public static BuilderSpec Read(SpecNode builder) => builder.Object(b =>
    {
        var mode = Word<BuilderMode>(b.At("mode"), BuilderMode.Sidecar);
        var resources = b.At("resources").Object(r => (
            Requests: ReadAmounts(r.At("requests")), Limits: ReadAmounts(r.At("limits"))));
        var read = new BuilderSpec
        {
            Mode = mode,
            Profile = b.At("profile") is { Exists: true } profile ? Word<BuilderProfile>(profile, default) : null,
            Image = Optional(
                b.At("image"),
                "an image with its digest, such as moby/buildkit:v0.32.2-rootless@sha256: and 64 hexadecimal digits",
                SpecPatterns.Image,
                LongestImage),
            Requests = resources.Requests,
            Limits = resources.Limits,
            StateSize = Optional(b.At("stateSize"), SizeWanted, SpecPatterns.Size, 10),
            AppArmorProfile = ReadAppArmor(b.At("appArmorProfile")),
            SeccompProfile = Optional(
                b.At("seccompProfile"),
                "a path below the kubelet's seccomp folder, such as " + SidecarSecurity.DefaultSeccomp,
                SpecPatterns.File,
                LongestName),
            Registries = RegistryReader.Read(b.At("registries")),
            Cache = CacheReader.Read(b.At("cache")),
            Shared = b.At("shared") is { Exists: true } shared ? shared.Object(ReadShared) : null,
        };
        CheckTogether(b, read);
        return read;
    });

    public const string SizeWanted = "a whole number of Gi or Ti, such as 20Gi";

    /// <summary>The text, if there is one and it has the form.</summary>
    public static string? Optional(SpecNode node, string what, string pattern, int longest) =>
        node.Exists && node.Text(what, t => SpecPatterns.Match(pattern, t, longest)) is { Length: > 0 } text
            ? text
            : null;

    public static T Word<T>(SpecNode node, T fallback)
        where T : struct, Enum =>
        Enum.Parse<T>(node.Word(Enum.GetNames<T>(), fallback.ToString()));

    private static void CheckTogether(SpecNode builder, BuilderSpec read)
    {
        if (read.Mode == BuilderMode.Shared && read.Shared is null)
            builder.At("shared").Fail("is missing: set the addresses and the tlsSecret of the shared daemons");
        if (read.Mode != BuilderMode.Shared && builder.At("shared").Exists)
            builder.At("shared").Fail($"is set, but mode is {read.Mode}: remove it, or set mode to Shared");
        if (read.Mode != BuilderMode.Sidecar)
            foreach (var field in OfSidecar)
                if (builder.At(field).Exists)
                    builder.At(field).Fail($"is set, but mode is {read.Mode}: remove it, or set mode to Sidecar");
        if (read.Mode == BuilderMode.None && builder.At("registries").Exists)
            builder.At("registries").Fail("is set, but mode is None: remove it, or set mode to Sidecar or Shared");
        if (builder.At("cache").Exists && builder.At("stateSize").Exists)
            builder.At("stateSize").Fail(
                "is set, but the state is in the cache's volume: remove it, and set cache.size");
        if (read.Profile == BuilderProfile.Compatible && builder.At("seccompProfile").Exists)
            builder.At("seccompProfile").Fail(
                "is set, but profile Compatible does without: remove it, or set profile to Baseline");
        CheckAmounts(builder.At("resources"), read);
    }

    private static void CheckAmounts(SpecNode resources, BuilderSpec read)
    {
        foreach (var (name, limit) in read.Limits.ByName)
            if (read.Requests.ByName.TryGetValue(name, out var request)
                && Quantity.Read(request) > Quantity.Read(limit))
                resources.Fail(
                    $"requests {request} of {name}, but limits it to {limit}: set the limit at least as high");
    }

    private static Amounts ReadAmounts(SpecNode amounts) => amounts.Object(a =>
    {
        var read = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var name in Resources)
            if (Optional(a.At(name), "an amount as text, such as \"500m\" or \"2Gi\"", SpecPatterns.Amount, 20)
                is { } amount)
                read[name] = amount;
        return new Amounts(read.ToImmutable());
    });

    private static string? ReadAppArmor(SpecNode name)
    {
        const string wanted = "the name of an AppArmor profile that the nodes have loaded";
        var read = Optional(name, wanted, SpecPatterns.AppArmor, LongestName);
        if (read?.Equals("unconfined", StringComparison.OrdinalIgnoreCase) != true)
            return read;
        name.Fail("is 'unconfined', which Pod Security does not admit: load a profile on the nodes and set its name");
        return null;
    }

    private static SharedSpec ReadShared(SpecNode shared)
    {
        var addresses = shared.At("addresses").Items(1, MostAddresses)
            .Select(a => a.Text(
                "tcp://HOST:PORT", t => SpecPatterns.Match(SpecPatterns.Address, t, LongestAddress)))
            .ToImmutableArray();
        if (addresses.Distinct(StringComparer.Ordinal).Count() < addresses.Length)
            shared.At("addresses").Fail("names a daemon twice: remove one of the two");
        return new SharedSpec(
            addresses,
            shared.At("tlsSecret").Text(
                "the name of a Secret with ca.crt, tls.crt and tls.key",
                t => SpecPatterns.Match(SpecPatterns.ObjectName, t, LongestName)),
            shared.At("forks").Word(
                [PodVariables.ForksRefused, PodVariables.ForksAllowed], PodVariables.ForksRefused)
            == PodVariables.ForksAllowed);
    }
}
