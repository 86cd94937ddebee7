using Octokit;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub.Client;
using RunnerScaler.GitHub.Http;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.GitHub.Accounts;

/// <summary>
/// One credential at one server, with all that is shared by whoever uses it: its tokens, its budget, its pace, its kept
/// answers. A rotated credential keeps the latter three.
/// </summary>
internal sealed class Account(
    AccountKey key,
    GitHubOptions options,
    HttpMessageHandler primary,
    IScalerMetrics metrics,
    TimeProvider time,
    Random random) : IDisposable
{
    private const string Product = "RunnerScaler";

    /// <summary>Stands for the App where owners have their names; no owner has this one.</summary>
    private const string AppItself = "/app";

    private static readonly string? Release = typeof(Account).Assembly.GetName().Version?.ToString(3);

    /// <summary>Longer than all retries and waits for a turn may take: each try has a bound of its own.</summary>
    private static readonly TimeSpan Outermost = TimeSpan.FromMinutes(5);

    /// <summary>The budget of an owner is told anew by each answer, and its tokens live for an hour.</summary>
    private static readonly TimeSpan Unused = TimeSpan.FromHours(2);

    private readonly Uri address = ApiAddress.For(key.Server);
    private readonly RequestPacer pacer = new(options, time);
    private readonly AnswerCache cache = new(options.CacheEntries, options.CacheBytes);
    private readonly InUse<string, RequestBudget> budgets = new(Unused, time);
    private readonly MovedRepositories moved = new();
    private readonly CredentialTrust trust = new(time);
    private volatile OpenCredential? opened;
    private HttpClient? service;

    public AccountKey Key => key;

    /// <summary>Where the REST API is; ends with a slash.</summary>
    public Uri Address => address;

    /// <summary>The credential in use; set by <see cref="Use"/> before the account is handed out.</summary>
    public GitHubCredential Credential => Open.Credential;

    /// <summary>How many owners are known, each with its budget.</summary>
    public int Owners => budgets.Count;

    /// <summary>Whether GitHub still takes the credential, or the Secret should be looked at again.</summary>
    public CredentialTrust Trust => trust;

    /// <summary>The version of the Secret that the credential was read from.</summary>
    public string Version => Open.Version;

    private OpenCredential Open => opened ?? throw new InvalidOperationException("The account has no credential yet");

    /// <summary>Takes a credential, new or the same.</summary>
    /// <param name="credential">The credential.</param>
    /// <param name="version">The version of the Secret that it was read from.</param>
    public void Use(GitHubCredential credential, string version)
    {
        if (opened?.Version != version)
        {
            opened = new OpenCredential(credential, version, new(Unused, time));
            trust.Renewed();
        }
    }

    /// <summary>Whether reads wait for their turn: it is our own pace that slows them.</summary>
    public bool ReadsWait => pacer.ReadsWait;

    /// <inheritdoc cref="RequestPacer.WritePoints"/>
    public double WritePoints => pacer.WritePoints;

    /// <summary>Requests about an owner's repositories and runners.</summary>
    /// <param name="owner">Organisation or user.</param>
    /// <param name="ofOrganization">Whether runners are registered at the organisation, else at repositories.</param>
    public GitHubApi Api(string owner, bool ofOrganization)
    {
        var now = Open;
        var name = now.Credential is GitHubCredential.Token ? ("", false) : (owner, ofOrganization);
        return now.Apis.GetOrAdd(name, n => Connect(n.Item1, TokensFor(now, n.Item1, n.Item2)));
    }

    /// <summary>Requests as the App itself, which tell of all its installations; null for a token.</summary>
    public GitHubApi? OfApp()
    {
        var now = Open;
        return now.Credential is GitHubCredential.App app
            ? now.Apis.GetOrAdd((AppItself, false), _ => Connect(AppItself, new AppAssertions(app, time)))
            : null;
    }

    /// <summary>Requests that are no REST API's; their addresses are absolute, and bring their own tokens.</summary>
    public HttpClient Service => LazyInitializer.EnsureInitialized(ref service, () =>
    {
        var handlers = HandlerChain.BuildForService(options, primary, metrics, time, random);
        var http = new HttpClient(handlers, disposeHandler: false) { Timeout = Outermost };
        http.DefaultRequestHeaders.UserAgent.Add(new(Product, Release));
        return http;
    });

    /// <summary>Whose budget an owner's is: owners have it together if this is the same.</summary>
    public string HolderOf(string owner) => Credential is GitHubCredential.Token ? "" : owner;

    /// <summary>The budget for an owner: an App has one for each installation, a token one for all.</summary>
    public RequestBudget BudgetOf(string owner)
    {
        var secret = $"Secret {key.Namespace}/{key.Secret}";
        return Credential is GitHubCredential.Token
            ? budgets.GetOrAdd("", _ => new(key, $"the token of {secret}", options, metrics, time))
            : budgets.GetOrAdd(owner, _ => owner == AppItself
                ? new(key, $"the App of {secret}", options, metrics, time, shownAs: "app")
                : new(key, $"the App of {secret} at '{owner}'", options, metrics, time));
    }

    /// <summary>What GitHub's limits leave of all owners' budgets.</summary>
    public IEnumerable<BudgetFigure> Budgets => budgets.All
        .Where(budget => budget.Key != AppItself).SelectMany(budget => budget.Value.Figures);

    /// <summary>Tells each owner's budget what is read with it.</summary>
    /// <param name="loads">By <see cref="HolderOf"/>; nothing is read with other budgets.</param>
    public void Note(IReadOnlyDictionary<string, ReadingLoad> loads)
    {
        foreach (var budget in budgets.All)
            budget.Value.Load = loads.GetValueOrDefault(budget.Key);
    }

    /// <summary>Whether GitHub has redirected requests for the repository since this was asked last.</summary>
    public bool TakeMoved(RepositoryKey repository) => moved.Take(repository);

    public void Dispose()
    {
        pacer.Dispose();
        primary.Dispose();
    }

    private ITokenStore TokensFor(OpenCredential now, string owner, bool ofOrganization) => now.Credential switch
    {
        GitHubCredential.Token token => new PersonalToken(token, trust),
        GitHubCredential.App app => new InstallationTokens(key, app, ConnectApp(app), owner, ofOrganization, time),
        _ => throw new InvalidOperationException($"No tokens are known for {now.Credential.Kind}"),
    };

    /// <summary>Requests for the App's own tokens.</summary>
    private AppApi ConnectApp(GitHubCredential.App app)
    {
        var transport = new OctokitTransport(Handlers(AppItself));
        var connection = new Connection(
            new(Product, Release), address, new AppToken(app, time), transport, new ApiJson());
        connection.SetRequestTimeout(Outermost);
        return new AppApi(connection);
    }

    private GitHubApi Connect(string owner, ITokenStore tokens)
    {
        var http = new HttpClient(Handlers(owner)) { BaseAddress = address, Timeout = Outermost };
        http.DefaultRequestHeaders.UserAgent.Add(new(Product, Release));
        return new GitHubApi(http, tokens, time);
    }

    private HttpMessageHandler Handlers(string owner) => HandlerChain.Build(
        options,
        BudgetOf(owner),
        pacer,
        (new ConditionalRequestHandler(cache, owner), new RedirectHandler(moved.Note)),
        primary,
        metrics,
        time,
        random);

    /// <summary>The credential in use and what was made of it.</summary>
    private sealed record OpenCredential(
        GitHubCredential Credential, string Version, InUse<(string, bool), GitHubApi> Apis);
}
