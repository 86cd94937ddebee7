namespace RunnerImage.Buildx;

/// <summary>The flags of the commands that the shim looks into (buildx 0.36 and Docker's CLI 29).</summary>
internal static class BuildxFlags
{
    /// <summary>What may stand before the command's name: Docker's own flags.</summary>
    public static readonly FlagTable Docker = FlagTable.Of(
        "config log-level tlscacert tlscert tlskey host context",
        "debug tls tlsverify help version",
        "l=log-level H=host c=context D=debug h=help v=version");

    /// <summary>What may stand between <c>buildx</c> and the command's name; Docker's flags are tolerated.</summary>
    public static readonly FlagTable Root = FlagTable.Of(
        "builder config log-level tlscacert tlscert tlskey host context",
        "debug tls tlsverify help version",
        "l=log-level H=host c=context D=debug h=help v=version");

    public static readonly FlagTable Create = FlagTable.Of(
        "builder name driver node platform driver-opt buildkitd-flags buildkitd-config config timeout",
        "debug help append bootstrap leave use",
        "D=debug h=help");

    public static readonly FlagTable Inspect = FlagTable.Of(
        "builder timeout", "debug help bootstrap", "D=debug h=help");

    /// <summary>Commands with a builder and otherwise nothing that the shim reads.</summary>
    public static readonly FlagTable Other = FlagTable.Of(
        "builder timeout filter format keep-storage reserved-space max-used-space min-free-space",
        "debug help all force verbose default global keep-state keep-daemon all-inactive",
        "D=debug h=help a=all f=force");

    public static readonly FlagTable Build = FlagTable.Of(
        "builder add-host allow annotation build-arg cache-from cache-to cgroup-parent build-context file iidfile "
        + "label network no-cache-filter output platform policy secret shm-size ssh tag target ulimit resource attest "
        + "sbom provenance call print memory memory-swap cpu-shares cpu-period cpu-quota cpuset-cpus cpuset-mems "
        + "isolation security-opt progress metadata-file root detach server-config invoke on",
        "debug help load push quiet check compress squash rm force-rm no-cache pull",
        "D=debug h=help f=file o=output q=quiet t=tag m=memory c=cpu-shares");

    /// <summary>All of them that are commands of <c>imagetools</c>.</summary>
    public static readonly FlagTable ImageTools = FlagTable.Of(
        "builder annotation file metadata-file platform progress tag format",
        "debug help append dry-run prefer-index raw",
        "D=debug h=help f=file p=platform t=tag");

    public static readonly FlagTable Bake = FlagTable.Of(
        "builder file sbom provenance policy set var call allow list progress metadata-file",
        "debug help load push check print list-targets list-variables no-cache pull",
        "D=debug h=help f=file");
}
