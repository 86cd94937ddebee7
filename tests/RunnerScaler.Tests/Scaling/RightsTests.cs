using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Tests.Scaling;

public sealed class RightsTests
{
    private static readonly PoolKey Linux = new("ci", "linux");

    [Theory]
    [InlineData("patch pods ci linux-0", true)]
    [InlineData("patch pods ci linux-arm-0", false)]
    [InlineData("patch pods ci linux", true)]
    [InlineData("patch pods other linux-0", false)]
    [InlineData("create pods ci -", true)]
    [InlineData("create persistentvolumeclaims ci linux-12-cache", true)]
    [InlineData("create persistentvolumeclaims ci other-12-cache", false)]
    [InlineData("patch runnerpools/status ci linux", true)]
    [InlineData("patch runnerpools/status ci linux-0", false)]
    [InlineData("get secrets ci github-app", true)]
    [InlineData("get secrets ci another", false)]
    [InlineData("patch secrets runnerscaler runnerscaler-claims", true)]
    [InlineData("update leases runnerscaler runnerscaler", true)]
    [InlineData("create tokenreviews - -", true)]
    [InlineData("list nodes - -", true)]
    [InlineData("watch pods - -", true)]
    [InlineData("watch pods other -", false)]
    [InlineData("create events ci linux.0123", true)]
    public void ARefusalConcernsThePoolsThatItHurts(string request, bool concerned) =>
        Assert.Equal(concerned, Rights.Concerns(Parse(request), Linux, "github-app"));

    [Fact]
    public void NothingRefusedIsNoCondition()
    {
        Assert.Equal((false, "NothingRefused"), Told(RefusalReporter.Missing([])));
        Assert.Null(RefusalReporter.Ready([]));
    }

    [Theory]
    [InlineData("create pods ci -", "False")]
    [InlineData("patch pods ci linux-0", "False")]
    [InlineData("delete pods ci linux-0", "False")]
    [InlineData("create tokenreviews - -", "False")]
    [InlineData("update leases runnerscaler runnerscaler", "False")]
    [InlineData("get secrets ci github-app", "False")]
    [InlineData("watch pods - -", "Unknown")]
    [InlineData("list runnerpools ci -", "Unknown")]
    [InlineData("create events ci linux.1", "")]
    [InlineData("patch runnerpools/status ci linux", "")]
    [InlineData("list nodes - -", "")]
    [InlineData("get storageclasses - fast", "")]
    [InlineData("patch secrets runnerscaler runnerscaler-claims", "")]
    public void ReadyIsWhatItDoesToThePoolsJobs(string request, string ready)
    {
        var standing = Standing(Parse(request));
        var missing = RefusalReporter.Missing(standing);
        Assert.Equal((true, "Forbidden"), Told(missing));
        Assert.Contains("the server's words", missing.Message, StringComparison.Ordinal);
        var told = RefusalReporter.Ready(standing);
        Assert.Equal(ready, told is null ? "" : told.Holds switch { true => "True", false => "False", _ => "Unknown" });
    }

    [Fact]
    public void TheOthersAreNamedBehindTheWorst()
    {
        var message = RefusalReporter.Missing(
            Standing(Parse("patch pods ci linux-0"), Parse("create events ci -"))).Message;
        Assert.EndsWith(" Refused as well: create events in namespace 'ci'.", message);
    }

    [Theory]
    [InlineData("Denied", "patch pods ci linux-0", "denied the request", "Exempt the controller's service account")]
    [InlineData("Denied", "create pods ci linux-0", "denied the request", "Correct spec.template, or what denies it")]
    [InlineData("Denied", "create pods ci linux-0", "violates PodSecurity \"baseline\"", "Pod Security level")]
    [InlineData("Denied", "create pods ci linux-0", "you can't set finalizers on: , <nil>", "runnerpools/finalizers")]
    [InlineData("QuotaExceeded", "create pods ci linux-0", "exceeded quota", "Raise the namespace's quota")]
    [InlineData("WebhookFails", "delete pods ci linux-0", "failed calling webhook", "Fix the webhook")]
    [InlineData("NotAuthenticated", "list pods - -", "Unauthorized", "service account still exists")]
    public void TheAdviceFitsTheCause(string reason, string request, string message, string advice) => Assert.Contains(
        advice,
        new Refusal(Enum.Parse<RefusalReason>(reason), Parse(request), message).Sentence,
        StringComparison.Ordinal);

    internal static ApiRequest Parse(string text)
    {
        var words = text.Split(' ').Select(w => w == "-" ? "" : w).ToArray();
        return new(words[0], words[1], words[2], words[3]);
    }

    internal static ImmutableArray<StandingRefusal> Standing(params ApiRequest[] requests) =>
    [
        .. requests.Select(r => new StandingRefusal(
            new(RefusalReason.Forbidden, r, "the server's words"), Given.Now, false)),
    ];

    private static (bool?, string) Told(PoolCondition condition) => (condition.Holds, condition.Reason);
}
