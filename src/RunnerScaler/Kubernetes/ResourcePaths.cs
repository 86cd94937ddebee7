namespace RunnerScaler.Kubernetes;

/// <summary>Where the objects are at the API server.</summary>
internal static class ResourcePaths
{
    public const string Group = "runnerscaler.io";
    public const string Version = "v1alpha1";
    public const string PoolKind = "RunnerPool";
    public const string ApiVersion = Group + "/" + Version;

    public static string Pods(string? podNamespace) => In("/api/v1", podNamespace, "pods");

    public static string Pod(string podNamespace, string name) => $"{Pods(podNamespace)}/{name}";

    public static string Pools(string? poolNamespace) => In($"/apis/{ApiVersion}", poolNamespace, "runnerpools");

    public static string PoolStatus(string poolNamespace, string name) => $"{Pools(poolNamespace)}/{name}/status";

    public static string Leases(string leaseNamespace) => In("/apis/coordination.k8s.io/v1", leaseNamespace, "leases");

    public static string Secrets(string secretNamespace) => In("/api/v1", secretNamespace, "secrets");

    public static string Events(string eventNamespace) => In("/apis/events.k8s.io/v1", eventNamespace, "events");

    public static string Services(string? serviceNamespace) => In("/api/v1", serviceNamespace, "services");

    public static string AccountToken(string accountNamespace, string name) =>
        In("/api/v1", accountNamespace, "serviceaccounts") + $"/{Uri.EscapeDataString(name)}/token";

    public const string Nodes = "/api/v1/nodes";

    public static string VolumeClaims(string claimNamespace) =>
        In("/api/v1", claimNamespace, "persistentvolumeclaims");

    public static string StorageClass(string name) => $"/apis/storage.k8s.io/v1/storageclasses/{name}";

    public static string VolumeSnapshot(string snapshotNamespace, string name) =>
        In("/apis/snapshot.storage.k8s.io/v1", snapshotNamespace, "volumesnapshots") + $"/{name}";

    public const string TokenReviews = "/apis/authentication.k8s.io/v1/tokenreviews";

    /// <summary>Who signs the tokens of service accounts, for whoever has to verify them.</summary>
    public const string IssuerConfiguration = "/.well-known/openid-configuration";

    /// <summary>With which keys.</summary>
    public const string IssuerKeys = "/openid/v1/jwks";

    public const string AccessReviews = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

    public static string Definition(string name) => $"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}";

    /// <param name="api">The API's root.</param>
    /// <param name="objectNamespace">Null for all namespaces.</param>
    /// <param name="plural">The kind, as paths have it.</param>
    public static string In(string api, string? objectNamespace, string plural) =>
        objectNamespace is null ? $"{api}/{plural}" : $"{api}/namespaces/{objectNamespace}/{plural}";
}
