using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.Tests.GitHub;

/// <summary>What callers get that give up.</summary>
public sealed class RegistrarEndTests
{
    private readonly GitHubRig bench = new();

    private static RegistrationTarget Organization => new(GitHubRig.Account, "acme", null);

    /// <summary>A term ends while GitHub is out: what its loops get is an answer or their own cancellation.</summary>
    [Theory]
    [InlineData("list")]
    [InlineData("find")]
    [InlineData("deregister")]
    [InlineData("register")]
    [InlineData("group")]
    public async Task ATokenThatFailsWhileTheCallerGivesUpEndsNoLoop(string call)
    {
        using var term = new CancellationTokenSource();
        bench.UseApp();
        bench.GitHub.Intercept = (_, _) =>
        {
            term.Cancel();
            throw new HttpRequestException("connection refused");
        };

        var thrown = await Record.ExceptionAsync(() => CallAsync(call, term.Token));

        Assert.True(term.IsCancellationRequested);
        Assert.True(thrown is null or OperationCanceledException, $"{thrown}");
    }

    private Task CallAsync(string call, CancellationToken cancel) => call switch
    {
        "list" => bench.Registrar.ListAsync(Organization, cancel),
        "find" => bench.Registrar.FindAsync(Organization, "linux-1-abc", 7, cancel),
        "deregister" => bench.Registrar.DeregisterAsync(Organization, "linux-1-abc", 7, cancel),
        "register" => bench.Registrar.CreateJitConfigAsync(
            new(Organization, "linux-1-abc", null, LabelSet.Empty), cancel),
        _ => bench.Registrar.GroupAsync(Organization, null, cancel),
    };
}
