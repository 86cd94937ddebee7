using System.Globalization;
using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Protocol;

namespace RunnerScaler.Kubernetes.Builders;

/// <summary>
/// What the runner's container gets of the pool's wishes: the builder's address, credentials for registries and for
/// deploying. The sidecar gets none of it, for whatever a build runs is in there.
/// </summary>
internal static class RunnerAccess
{
    public const int MetricsPort = 9180;

    /// <summary>Seconds; the kubelet renews the file at four fifths.</summary>
    private const int TokenLife = 3600;

    /// <summary>The files in annotations that the runner reads.</summary>
    public static IReadOnlyList<PodFile> Files(PodOptions wishes)
    {
        var files = new List<PodFile>();
        if (wishes.Builder.Mode != BuilderMode.None)
            files.AddRange(RegistryCas(wishes.Builder));
        if (wishes.Deploy is { } deploy)
            files.Add(KubeConfig(deploy));
        return files;
    }

    /// <summary>Changes the pod's spec and its runner container.</summary>
    public static void Grant(JsonObject spec, JsonObject runner, PodOptions wishes, BuilderProfile? profile)
    {
        switch (wishes.Builder.Mode)
        {
            case BuilderMode.Sidecar:
                PodJson.PutMount(runner, PodJson.Mount(BuilderPaths.SocketVolume, BuilderPaths.SocketFolder));
                PodJson.PutVariable(runner, PodVariables.BuilderAddresses, BuilderPaths.Address);
                PodJson.PutVariable(runner, PodVariables.BuilderProfile, profile!.Value.ToString());
                break;
            case BuilderMode.Shared:
                ReachShared(spec, runner, wishes.Builder.Shared!);
                break;
        }
        PodJson.PutVariable(runner, PodVariables.BuilderMode, wishes.Builder.Mode.ToString());
        TrustRegistries(spec, runner, wishes.Builder);
        if (wishes.RegistryCredentialsSecret is { } secret)
            LogIn(spec, runner, secret);
        if (wishes.Deploy is { } deploy)
            LetDeploy(spec, runner, deploy);
        PodJson.PutVariable(runner, PodVariables.GraceSeconds, PodJson.GraceSeconds(spec));
        PodJson.PutVariable(runner, PodVariables.MetricsPort, MetricsPort.ToString(CultureInfo.InvariantCulture));
        PodJson.PutPort(runner, "metrics", MetricsPort);
    }

    private static void ReachShared(JsonObject spec, JsonObject runner, SharedSpec shared)
    {
        PodJson.PutVolume(spec, PodJson.SecretVolume(BuilderPaths.TlsVolume, shared.TlsSecret));
        PodJson.PutMount(runner, PodJson.ReadOnlyMount(BuilderPaths.TlsVolume, BuilderPaths.TlsFolder));
        PodJson.PutVariable(runner, PodVariables.BuilderAddresses, string.Join(',', shared.Addresses));
        PodJson.PutVariable(runner, PodVariables.BuilderTls, BuilderPaths.TlsFolder);
        PodJson.PutVariable(runner, PodVariables.BuilderForks,
            shared.AllowForks ? PodVariables.ForksAllowed : PodVariables.ForksRefused);
    }

    // Variables end at 128 KiB, and 20 registries with 10 mirrors each are 54 KiB.
    // One volume for the folder: mount paths may not contain colons, and hosts with ports do.
    private static void TrustRegistries(JsonObject spec, JsonObject runner, BuilderSpec builder)
    {
        if (Told(builder).ToArray() is { Length: > 0 } told)
            PodJson.PutVariable(runner, PodVariables.Registries, PodRegistry.Write(told));
        if (RegistryCas(builder).Select(f => f.Item()).ToArray() is not { Length: > 0 } items)
            return;
        PodJson.PutVolume(spec, new JsonObject
        {
            ["name"] = BuilderPaths.RegistryCaVolume,
            ["downwardAPI"] = new JsonObject { ["items"] = new JsonArray(items) },
        });
        PodJson.PutMount(
            runner, PodJson.ReadOnlyMount(BuilderPaths.RegistryCaVolume, BuilderPaths.DockerCertificates));
    }

    private static void LogIn(JsonObject spec, JsonObject runner, string secret)
    {
        const string file = ".dockerconfigjson";
        var volume = PodJson.SecretVolume(BuilderPaths.RegistryVolume, secret);
        volume["secret"]!["items"] = new JsonArray(new JsonObject { ["key"] = file, ["path"] = file });
        PodJson.PutVolume(spec, volume);
        PodJson.PutMount(runner, PodJson.ReadOnlyMount(BuilderPaths.RegistryVolume, BuilderPaths.RegistryFolder));
        PodJson.PutVariable(runner, PodVariables.RegistryAuth, $"{BuilderPaths.RegistryFolder}/{file}");
    }

    private static void LetDeploy(JsonObject spec, JsonObject runner, DeploySpec deploy)
    {
        spec["serviceAccountName"] = deploy.ServiceAccountName;
        PodJson.PutVolume(spec, new JsonObject
        {
            ["name"] = BuilderPaths.DeployVolume,
            ["projected"] = new JsonObject
            {
                ["sources"] = new JsonArray(
                    new JsonObject
                    {
                        ["serviceAccountToken"] = new JsonObject
                        {
                            ["expirationSeconds"] = TokenLife,
                            ["path"] = "token",
                        },
                    },
                    new JsonObject
                    {
                        ["configMap"] = new JsonObject
                        {
                            ["name"] = "kube-root-ca.crt",
                            ["items"] = new JsonArray(new JsonObject { ["key"] = "ca.crt", ["path"] = "ca.crt" }),
                        },
                    },
                    new JsonObject
                    {
                        ["downwardAPI"] = new JsonObject { ["items"] = new JsonArray(KubeConfig(deploy).Item()) },
                    }),
            },
        });
        PodJson.PutMount(runner, PodJson.ReadOnlyMount(BuilderPaths.DeployVolume, BuilderPaths.DeployFolder));
        PodJson.PutVariable(runner, "KUBECONFIG", $"{BuilderPaths.DeployFolder}/kubeconfig");
    }

    private static IEnumerable<PodFile> RegistryCas(BuilderSpec builder) =>
        from entry in builder.Registries.Index()
        where entry.Item.CaPem is not null
        select new PodFile(PodFile.RegistryCa(entry.Index), entry.Item.CaPem!, $"{entry.Item.Host}/ca.crt");

    /// <summary>Those of which more is to be known than whom to trust, which the files say.</summary>
    private static IEnumerable<PodRegistry> Told(BuilderSpec builder) =>
        from registry in builder.Registries
        where registry.Http || registry.Insecure || !registry.Mirrors.IsEmpty
        select new PodRegistry(registry.Host, registry.Mirrors, registry.Http, registry.Insecure);

    private static PodFile KubeConfig(DeploySpec deploy) =>
        new(PodFile.KubeConfig, KubeConfigText.Write(deploy.Namespace, BuilderPaths.DeployFolder), "kubeconfig");
}
