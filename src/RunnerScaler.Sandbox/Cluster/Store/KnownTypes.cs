namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>The built-in types that the sandbox stores.</summary>
internal static class KnownTypes
{
    public static ResourceType Namespaces { get; } = new("", "v1", "namespaces", "Namespace", false)
    { HasStatus = true, ReturnsDeleted = true, FieldLabels = ["status.phase"], ShortNames = ["ns"] };

    public static ResourceType Nodes { get; } = new("", "v1", "nodes", "Node", false)
    { HasStatus = true, FieldLabels = ["spec.unschedulable"], ShortNames = ["no"] };

    public static ResourceType Pods { get; } = new("", "v1", "pods", "Pod", true)
    {
        HasStatus = true,
        ReturnsDeleted = true,
        ShortNames = ["po"],
        FieldLabels =
        [
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase",
            "status.podIP", "status.nominatedNodeName",
        ],
    };

    public static ResourceType Secrets { get; } = new("", "v1", "secrets", "Secret", true) { FieldLabels = ["type"] };

    public static ResourceType ConfigMaps { get; } = new("", "v1", "configmaps", "ConfigMap", true)
    { ShortNames = ["cm"] };

    public static ResourceType VolumeClaims { get; } =
        new("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", true)
        { HasStatus = true, ReturnsDeleted = true, ShortNames = ["pvc"] };

    public static ResourceType StorageClasses { get; } =
        new("storage.k8s.io", "v1", "storageclasses", "StorageClass", false) { ShortNames = ["sc"] };

    public static ResourceType ServiceAccounts { get; } = new("", "v1", "serviceaccounts", "ServiceAccount", true)
    { ReturnsDeleted = true, ShortNames = ["sa"] };

    public static ResourceType Services { get; } = new("", "v1", "services", "Service", true)
    { HasStatus = true, ReturnsDeleted = true, ShortNames = ["svc"] };

    public static ResourceType Endpoints { get; } = new("", "v1", "endpoints", "Endpoints", true)
    { ShortNames = ["ep"] };

    public static ResourceType Events { get; } = new("", "v1", "events", "Event", true)
    {
        CreatesOnUpdate = true,
        ShortNames = ["ev"],
        FieldLabels =
        [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
            "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
            "source", "type",
        ],
    };

    public static ResourceType Leases { get; } = new("coordination.k8s.io", "v1", "leases", "Lease", true)
    { CreatesOnUpdate = true, UpdatesUnconditionally = false };

    public static ResourceType CustomResourceDefinitions { get; } =
        new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false)
        { HasStatus = true, HasGeneration = true, UpdatesUnconditionally = false, ShortNames = ["crd", "crds"] };

    public static IReadOnlyList<ResourceType> All { get; } =
    [
        Namespaces, Nodes, Pods, Secrets, ConfigMaps, VolumeClaims, StorageClasses, ServiceAccounts, Services,
        Endpoints, Events, Leases, CustomResourceDefinitions,
    ];
}
