using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Prometheus;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Explaining;
using RunnerScaler.GitHub.Webhooks;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Web;
using RunnerScaler.Web.Webhooks;

namespace RunnerScaler.Tests.Web;

/// <summary>The endpoints on real loopback sockets, with everything behind them played by this class.</summary>
internal sealed class EndpointHost : IAsyncDisposable, ITokenReviewer, IAccessReviewer
{
    private readonly WebApplication app;

    private EndpointHost(WebOptions options, TimeProvider time)
    {
        Beats = new(Time);
        Refusals = new(Measured, Time, NullLogger<Refusals>.Instance);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore();
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Log);
        builder.Services
            .AddSingleton(Microsoft.Extensions.Options.Options.Create(options))
            .AddSingleton(Metrics.NewCustomRegistry())
            .AddSingleton(Beats)
            .AddSingleton(time)
            .AddSingleton(Refusals)
            .AddSingleton<IPodStore>(Pods)
            .AddSingleton<IPoolStore>(Pools)
            .AddSingleton<ITokenReviewer>(this)
            .AddSingleton<IAccessReviewer>(this)
            .AddSingleton(Gate)
            .AddSingleton<IScalerMetrics>(Measured)
            .AddSingleton<ReadWebhook>(_ => WebhookRule.Read)
            .AddSingleton<TakeHint>(repository => Hint(repository))
            .AddSingleton<AskKnowledge>(() => Known)
            .AddSingleton<AnswerClaim>((pod, cancel) => Answer(pod, cancel))
            .AddSingleton<AnswerReturn>((pod, cancel) => Return(pod, cancel))
            .AddSingleton<ClaimsCertificate>(() => Certificate)
            .AddEndpoints();
        app = builder.Build();
        app.MapEndpoints();
    }

    public Func<string, ReviewResult> Review { get; set; } = _ => new ReviewResult.Rejected();

    public Func<PodIdentity, CancellationToken, Task<ClaimAnswer>> Answer { get; set; } =
        (_, _) => Task.FromResult<ClaimAnswer>(new ClaimAnswer.Standby());

    public Func<PodIdentity, CancellationToken, Task<ReturnAnswer>> Return { get; set; } =
        (_, _) => Task.FromResult<ReturnAnswer>(new ReturnAnswer.Returned());

    /// <summary>What a token's bearer may be told of; the token comes with the namespaces of all pools.</summary>
    public Func<string, ImmutableArray<string>, AccessResult> Access { get; set; } =
        (_, _) => new AccessResult.Rejected();

    /// <summary>What the controller knows; null while it does not lead.</summary>
    public Knowledge? Known { get; set; }

    /// <summary>What becomes of a hint.</summary>
    public Func<RepositoryKey, HintResult> Hint { get; set; } = _ => HintResult.NotLeading;

    public Recorder Measured { get; } = new();

    public LeaderGate Gate { get; } = new(TimeProvider.System);

    public X509Certificate2? Certificate { get; set; } = SelfSigned("first");

    public Microsoft.Extensions.Time.Testing.FakeTimeProvider Time { get; } = new();

    public Heartbeats Beats { get; }

    public Refusals Refusals { get; }

    public FakePodStore Pods { get; } = new();

    public FakePoolStore Pools { get; } = new();

    public CapturedLog Log { get; } = new();

    public CollectorRegistry Registry => app.Services.GetRequiredService<CollectorRegistry>();

    public Uri Plain => AddressOf("http", 0);

    public Uri Claims => AddressOf("https", 0);

    public Uri Webhooks => AddressOf("http", 1);

    public static async Task<EndpointHost> StartAsync(
        int maxHeldClaims = 10, bool anonymous = false, string webhookSecrets = "", TimeProvider? time = null)
    {
        var host = new EndpointHost(new()
        {
            Address = "127.0.0.1",
            Port = 0,
            ClaimsAddress = "127.0.0.1",
            ClaimsPort = 0,
            MaxClaims = maxHeldClaims,
            Anonymous = anonymous,
            WebhookSecrets = webhookSecrets,
            WebhooksAddress = "127.0.0.1",
            WebhooksPort = 0,
        }, time ?? TimeProvider.System);
        await host.app.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    /// <summary>A client that trusts whatever certificate is shown, and tells which.</summary>
    public static HttpClient Client(Action<X509Certificate2>? shown = null) => new(new HttpClientHandler
    {
        ServerCertificateCustomValidationCallback = (_, certificate, _, _) =>
        {
            shown?.Invoke(certificate!);
            return true;
        },
    });

    public Task<HttpResponseMessage> ClaimAsync(string? token, HttpContent? body = null) =>
        SendAsync(HttpMethod.Post, token, body);

    public Task<HttpResponseMessage> ReturnAsync(string? token) => SendAsync(HttpMethod.Delete, token, null);

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string? token, HttpContent? body)
    {
        using var client = Client();
        using var request = new HttpRequestMessage(method, new Uri(Claims, "/claims")) { Content = body };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public void Stop() => app.Lifetime.StopApplication();

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(TestContext.Current.CancellationToken);
        await app.DisposeAsync();
    }

    public static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    Task<ReviewResult> ITokenReviewer.ReviewAsync(string token, CancellationToken cancel) =>
        Task.FromResult(Review(token));

    Task<AccessResult> IAccessReviewer.ReviewAsync(
        string token, ImmutableArray<string> namespaces, CancellationToken cancel) =>
        Task.FromResult(Access(token, namespaces));

    private Uri AddressOf(string scheme, int number) =>
        app.Services.Addresses().Select(a => new Uri(a)).Where(a => a.Scheme == scheme).ElementAt(number);
}

/// <summary>All that is logged, as text, exceptions included.</summary>
internal sealed class CapturedLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> lines = new();

    public IReadOnlyCollection<string> Lines => [.. lines];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");

    public void Dispose()
    {
    }
}
