using System.Globalization;

namespace RunnerScaler.Kubernetes.Builders;

/// <summary>
/// The sidecar's
/// <see href="https://github.com/moby/buildkit/blob/master/docs/buildkitd.toml.md">buildkitd.toml</see>.
/// </summary>
internal static class BuildkitConfig
{
    private const long Mebi = 1L << 20;

    /// <summary>Where the certificates of the registry at this place of the list are in the sidecar.</summary>
    public static string CaPath(int index) =>
        string.Create(CultureInfo.InvariantCulture, $"/etc/buildkit/registry-ca-{index}.crt");

    /// <param name="builder">The pool's wishes.</param>
    /// <param name="size">The size of the state, such as <c>20Gi</c>.</param>
    public static string Write(BuilderSpec builder, string size)
    {
        var toml = new Toml().Table("worker", "containerd").Set("enabled", false).Table("worker", "oci");
        toml.Set("enabled", true).Set("gc", true);
        // BuildKit looks at the node's disk, not at the volume's limit: without these it collects only when the pod has
        // been evicted for its size. Collecting takes a moment, hence the room above the most.
        toml.Set("reservedSpace", Part(size, 0.1m))
            .Set("maxUsedSpace", Part(size, 0.8m))
            .Set("minFreeSpace", Part(size, 0.1m));
        foreach (var (index, registry) in builder.Registries.Index())
        {
            toml.Table("registry", registry.Host);
            if (!registry.Mirrors.IsEmpty)
                toml.Set("mirrors", registry.Mirrors);
            if (registry.Http)
                toml.Set("http", true);
            if (registry.Insecure)
                toml.Set("insecure", true);
            if (registry.CaPem is not null)
                toml.Set("ca", [CaPath(index)]);
        }
        return toml.ToString();
    }

    private static string Part(string size, decimal share) =>
        string.Create(CultureInfo.InvariantCulture, $"{(long)(Quantity.Read(size)!.Value * share / Mebi)}MB");
}
