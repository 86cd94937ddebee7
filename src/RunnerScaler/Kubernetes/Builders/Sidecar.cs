using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Protocol;

namespace RunnerScaler.Kubernetes.Builders;

/// <summary>
/// The pod's own BuildKit: a native sidecar, an init container that stays. It has no startup probe, for the runner
/// would wait for it; the runner's entrypoint waits for the socket instead, while it claims its identity.
/// </summary>
internal static class Sidecar
{
    /// <summary>Time for the runner to end its job, and then for the sidecar.</summary>
    public static readonly TimeSpan LeastGrace = TimeSpan.FromSeconds(90);

    private const string SocketSize = "16Mi";

    /// <summary>The files that the sidecar reads.</summary>
    public static IReadOnlyList<PodFile> Files(BuilderSpec builder, BuilderProfile profile, BuilderDefaults defaults)
    {
        List<PodFile> files =
            [new(PodFile.Toml, BuildkitConfig.Write(builder, StateSize(builder, defaults)), "buildkitd.toml")];
        if (profile == BuilderProfile.UserNamespaces)
            files.Add(new(PodFile.SubordinateIds, SidecarSecurity.SubordinateIds, "subid"));
        foreach (var (index, registry) in builder.Registries.Index())
            if (registry.CaPem is { } pem)
                files.Add(new(PodFile.RegistryCa(index), pem, Path.GetFileName(BuildkitConfig.CaPath(index))));
        return files;
    }

    /// <summary>The init containers, in their order.</summary>
    public static IEnumerable<JsonObject> Containers(
        BuilderSpec builder, BuilderProfile profile, BuilderDefaults defaults)
    {
        var image = builder.Image ?? defaults.Image;
        if (builder.Cache is not null)
            yield return CacheVolume.Preparation(image, profile);
        // Build steps have the pod's network in any case, and setup-buildx-action grants it where it starts BuildKit.
        var arguments = new JsonArray(
            "--addr", BuilderPaths.Address, "--config", BuilderPaths.ConfigFile,
            "--allow-insecure-entitlement", "network.host");
        if (SidecarSecurity.SharesProcesses(profile))
            arguments.Add((JsonNode)"--oci-worker-no-process-sandbox");
        yield return new JsonObject
        {
            ["name"] = BuilderPaths.Container,
            ["image"] = image,
            ["restartPolicy"] = "Always",
            ["args"] = arguments,
            ["resources"] = SidecarResources.Write(
                builder, defaults, builder.Cache is null ? StateSize(builder, defaults) : null),
            ["securityContext"] = SidecarSecurity.Context(builder, profile),
            ["volumeMounts"] = Mounts(builder, profile, defaults),
        };
    }

    public static IEnumerable<JsonObject> Volumes(
        BuilderSpec builder, BuilderProfile profile, BuilderDefaults defaults)
    {
        yield return PodJson.EmptyDir(BuilderPaths.SocketVolume, SocketSize);
        yield return builder.Cache is { } cache
            ? CacheVolume.Volume(cache)
            : PodJson.EmptyDir(BuilderPaths.StateVolume, StateSize(builder, defaults));
        yield return new JsonObject
        {
            ["name"] = BuilderPaths.FilesVolume,
            ["downwardAPI"] = new JsonObject
            {
                ["items"] = new JsonArray([.. Files(builder, profile, defaults).Select(f => f.Item())]),
            },
        };
    }

    private static string StateSize(BuilderSpec builder, BuilderDefaults defaults) =>
        builder.Cache?.Size ?? builder.StateSize ?? defaults.StateSize;

    private static JsonArray Mounts(BuilderSpec builder, BuilderProfile profile, BuilderDefaults defaults)
    {
        var state = PodJson.Mount(BuilderPaths.StateVolume, BuilderPaths.StateFolder);
        if (builder.Cache is not null)
            state["subPath"] = CacheVolume.Folder(profile);
        var mounts = new JsonArray(PodJson.Mount(BuilderPaths.SocketVolume, BuilderPaths.SocketFolder), state);
        foreach (var file in Files(builder, profile, defaults))
            foreach (var path in PathsOf(file))
                mounts.Add((JsonNode)PodJson.FileMount(BuilderPaths.FilesVolume, path, file.VolumePath));
        return mounts;
    }

    private static string[] PathsOf(PodFile file) => file.Annotation == PodFile.SubordinateIds
        ? ["/etc/subuid", "/etc/subgid"]
        : ["/etc/buildkit/" + file.VolumePath];
}
