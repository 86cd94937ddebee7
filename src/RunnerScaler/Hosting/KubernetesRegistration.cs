using k8s;
using k8s.Exceptions;
using Microsoft.Extensions.Options;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Kubernetes.Claims;
using RunnerScaler.Kubernetes.Leading;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Kubernetes.Pools;
using RunnerScaler.Kubernetes.Watching;
using YamlDotNet.Core;

namespace RunnerScaler.Hosting;

/// <summary>The cluster's side: the connection to it, and the ports that it implements.</summary>
internal static class KubernetesRegistration
{
    public static IServiceCollection AddKubernetes(this IServiceCollection services) => services
        .AddSingleton(provider => Connect(provider.GetRequiredService<KubernetesOptions>()))
        .AddSingleton(provider => new ApiServer(
            ClusterConnection.Open(provider.GetRequiredService<KubernetesClientConfiguration>()),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<Refusals>()))
        .AddSingleton(provider => new Replica(
            $"{Environment.MachineName}-{Guid.NewGuid():N}"[..Math.Min(63, Environment.MachineName.Length + 9)],
            ClusterConnection.OwnNamespace(
                provider.GetRequiredService<KubernetesOptions>(),
                provider.GetRequiredService<KubernetesClientConfiguration>())))
        .AddSingleton<OwnAddress>()
        .AddSingleton<ICheck, ReleaseCheck>()
        .AddSingleton<ICheck, ClaimCheck>()
        .AddSingleton<ICheck, PodCheck>()
        .AddSingleton<ClusterKeySource>()
        .AddSingleton<ITokenReviewer, TokenReviewer>()
        .AddSingleton<IAccessReviewer>(provider => ActivatorUtilities.CreateInstance<AccessReviewer>(
            provider, (IReadOnlyCollection<string>)[.. Namespaces(provider)]))
        .AddSingleton<ISecretSource, SecretSource>()
        .AddSingleton(Certificates)
        .AddStores()
        .AddSingleton(Events)
        .AddSingleton<IEventSink>(provider => provider.GetRequiredService<EventSink>())
        .AddSingleton(Check)
        .AddSingleton(Election);

    private static IServiceCollection AddStores(this IServiceCollection services) => services
        .AddSingleton(new WatchSettings())
        .AddSingleton(provider => new InformerDependencies(
            provider.GetRequiredService<IScalerMetrics>(),
            provider.GetRequiredService<Heartbeats>(),
            provider.GetRequiredService<Random>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<InformerDependencies>>()))
        .AddSingleton<ClusterCapabilities>()
        .AddSingleton<CacheVolumes>()
        .AddSingleton(Pools)
        .AddSingleton<IPoolStore>(provider => provider.GetRequiredService<PoolStore>())
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<PodStore>(provider, Namespaces(provider)))
        .AddSingleton<IPodStore>(provider => provider.GetRequiredService<PodStore>());

    private static PoolStore Pools(IServiceProvider provider)
    {
        var (certificates, cluster, caches) = (
            provider.GetRequiredService<ClaimCertificates>(),
            provider.GetRequiredService<ClusterCapabilities>(),
            provider.GetRequiredService<CacheVolumes>());
        var around = new PodDependencies(
            PodDefaults.From(provider.GetRequiredService<KubernetesOptions>()),
            () => certificates.Endpoint,
            () => cluster.Current,
            caches.Known);
        var pools = ActivatorUtilities.CreateInstance<PoolStore>(provider, Namespaces(provider), around);
        certificates.Changed += pools.SurroundingsChanged;
        cluster.Changed += pools.SurroundingsChanged;
        caches.Changed += pools.SurroundingsChanged;
        return pools;
    }

    private static ClaimCertificates Certificates(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<KubernetesOptions>();
        return new ClaimCertificates(
            provider.GetRequiredService<ApiServer>(),
            provider.GetRequiredService<Replica>().Namespace,
            options.ClaimsSecret,
            new Uri(options.ClaimsUrl),
            options.ClaimsExtraNames,
            provider.GetRequiredService<Heartbeats>(),
            provider.GetRequiredService<Random>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ClaimCertificates>>());
    }

    private static EventSink Events(IServiceProvider provider) => ActivatorUtilities.CreateInstance<EventSink>(
        provider,
        provider.GetRequiredService<Replica>().Name,
        (Func<Scaling.Pools.PoolKey, string?>)provider.GetRequiredService<PoolStore>().UidOf);

    private static RightsCheck Check(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<KubernetesOptions>();
        var own = provider.GetRequiredService<Replica>().Namespace;
        return ActivatorUtilities.CreateInstance<RightsCheck>(
            provider,
            NeededRight.All(
                options.Namespaces, own, options,
                reviewsReaders: !provider.GetRequiredService<ScalerOptions>().Web.Anonymous),
            provider.GetRequiredService<ControlOptions>().Resync);
    }

    private static LeaseElection Election(IServiceProvider provider)
    {
        var (options, replica) =
            (provider.GetRequiredService<KubernetesOptions>(), provider.GetRequiredService<Replica>());
        return ActivatorUtilities.CreateInstance<LeaseElection>(
            provider,
            replica.Name,
            new ApiLeaseStore(
                provider.GetRequiredService<ApiServer>(), replica.Namespace, options.LeaseName,
                () => provider.GetRequiredService<OwnAddress>().Find()),
            new LeaseTimes(options.LeaseDuration, options.RenewDeadline, options.RetryPeriod));
    }

    private static IEnumerable<string> Namespaces(IServiceProvider provider) =>
        provider.GetRequiredService<KubernetesOptions>().Namespaces;

    /// <exception cref="OptionsValidationException">The kubeconfig cannot be used.</exception>
    public static KubernetesClientConfiguration Connect(KubernetesOptions options)
    {
        try
        {
            return ClusterConnection.Configure(options);
        }
        catch (Exception e)
            when (e is KubeConfigException or YamlException or IOException or UnauthorizedAccessException)
        {
            var problem = $"{OptionName.Describe("Kubernetes:Kubeconfig")} is '{options.Kubeconfig}': {e.Message}";
            throw new OptionsValidationException(Options.DefaultName, typeof(KubernetesOptions), [problem]);
        }
    }

    /// <summary>This process among its like.</summary>
    /// <param name="Name">Unique, also among restarts of the same pod.</param>
    /// <param name="Namespace">The controller's own namespace.</param>
    private sealed record Replica(string Name, string Namespace);
}
