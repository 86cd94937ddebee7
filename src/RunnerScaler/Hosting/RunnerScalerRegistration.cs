using Microsoft.Extensions.Options;
using Prometheus;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Terms;
using RunnerScaler.GitHub.Accounts;
using RunnerScaler.GitHub.Queue;
using RunnerScaler.GitHub.Runners;
using RunnerScaler.GitHub.ScaleSets;
using RunnerScaler.GitHub.Webhooks;
using RunnerScaler.Kubernetes;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Kubernetes.Claims;
using RunnerScaler.Kubernetes.Leading;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Kubernetes.Pools;
using RunnerScaler.Telemetry;
using RunnerScaler.Web;
using RunnerScaler.Web.Webhooks;

namespace RunnerScaler.Hosting;

/// <summary>Puts the parts together.</summary>
internal static class RunnerScalerRegistration
{
    /// <param name="services">Where to.</param>
    /// <param name="configuration">The whole configuration; ours is below <see cref="ScalerOptions.Root"/>.</param>
    /// <param name="time">The clock.</param>
    public static IServiceCollection AddRunnerScaler(
        this IServiceCollection services, IConfiguration configuration, TimeProvider time) =>
        services
            .AddSingleton(time)
            .AddSingleton(Random.Shared)
            .AddSingleton<ExitCode>()
            .AddScalerOptions(configuration)
            .AddTelemetry()
            .AddControl()
            .AddKubernetes()
            .AddGitHub()
            .AddClaims()
            .AddEndpoints()
            .AddLoops();

    private static IServiceCollection AddScalerOptions(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<ScalerOptions>>(new OptionRules(configuration))
            .AddOptions<ScalerOptions>()
            .Configure(options => options.Fill(configuration))
            .ValidateOnStart();
        services.AddOptions<HostOptions>().Configure<IOptions<ScalerOptions>>((host, options) =>
            host.ShutdownTimeout = options.Value.Process.StopWithin);
        return services
            .AddSingleton(provider => provider.GetRequiredService<IOptions<ScalerOptions>>().Value)
            .AddSingleton(provider => provider.GetRequiredService<ScalerOptions>().Control)
            .AddSingleton(provider => provider.GetRequiredService<ScalerOptions>().Kubernetes)
            .AddSingleton(provider => provider.GetRequiredService<ScalerOptions>().GitHub)
            .AddSingleton(provider => Options.Create(provider.GetRequiredService<ScalerOptions>().Web));
    }

    private static IServiceCollection AddTelemetry(this IServiceCollection services) => services
        .AddSingleton(_ =>
        {
            var registry = Metrics.NewCustomRegistry();
            DotNetStats.Register(registry);
            return registry;
        })
        .AddSingleton<IScalerMetrics>(provider => new ScalerMetrics(
            provider.GetRequiredService<CollectorRegistry>(),
            ScalerHost.Version,
            provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider => new JobTraces(
            provider.GetRequiredService<ScalerOptions>().Telemetry,
            ScalerHost.Version,
            Environment.GetEnvironmentVariable));

    private static IServiceCollection AddGitHub(this IServiceCollection services) => services
        .AddSingleton<GitHubAccounts>()
        .AddSingleton<IBudgetSource>(provider => provider.GetRequiredService<GitHubAccounts>())
        .AddScoped<IJobSource, JobSource>()
        .AddSingleton<ICheck, ClockCheck>()
        .AddSingleton<ICheck, RunnerVersionCheck>()
        .AddSingleton<ActionsApis>()
        .AddSingleton<IScaleSetSource, ScaleSetSource>()
        .AddSingleton<Registrar>()
        .AddSingleton<IRunnerRegistrar, FeedRegistrar>();

    private static IServiceCollection AddClaims(this IServiceCollection services) => services
        .AddSingleton<AnswerClaim>(provider => provider.GetRequiredService<Reception>().ClaimAsync)
        .AddSingleton<AnswerReturn>(provider => provider.GetRequiredService<Reception>().ReturnAsync)
        .AddSingleton<AskKnowledge>(provider => provider.GetRequiredService<Reception>().Know)
        .AddSingleton<ReadWebhook>(_ => WebhookRule.Read)
        .AddSingleton<TakeHint>(provider => provider.GetRequiredService<Reception>().Hint)
        .AddSingleton<StartupOrder>()
        .AddSingleton<ClaimsCertificate>(provider =>
        {
            var startup = provider.GetRequiredService<StartupOrder>();
            return () => startup.Certificate;
        });

    /// <summary>
    /// In the order of their start; they end in the opposite one. The endpoints open last and close first, and the
    /// lease is given back when nothing writes any more.
    /// </summary>
    private static IServiceCollection AddLoops(this IServiceCollection services) => services
        .AddLoop<ClaimCertificates>("claim certificates", (order, _) => order.KeepKeysAsync)
        .AddLoop<RightsCheck>("rights", (_, rights) => rights.RunAsync)
        .AddLoop<ClusterCapabilities>("cluster facts", (order, cluster) => order.AfterKeys(cluster.RunAsync))
        .AddLoop<CacheVolumes>("builder caches", (order, caches) => order.AfterKeys(caches.RunAsync))
        .AddLoop<PoolStore>("pool cache", (order, pools) => order.AfterKeys(pools.RunAsync))
        .AddLoop<PodStore>("pod cache", (order, pods) => order.AfterKeys(pods.RunAsync))
        .AddLoop<EventSink>("events", (_, events) => events.RunAsync)
        .AddLoop<LeaseElection>("lease", (order, election) => order.AfterCaches(election.RunAsync))
        .AddLoop<Scaler>("scaler", (_, scaler) => scaler.RunAsync);

    private static IServiceCollection AddLoop<T>(
        this IServiceCollection services, string name, Func<StartupOrder, T, Func<CancellationToken, Task>> loop)
        where T : notnull =>
        services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<HostedLoop>(
            provider,
            name,
            loop(provider.GetRequiredService<StartupOrder>(), provider.GetRequiredService<T>())));
}
