using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Box;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.GitHub.Rest;

namespace RunnerScaler.Integration.Whole;

/// <summary>What a pool says of the queue and its jobs.</summary>
public sealed class QueueConditionTests
{
    private const string Runs = "/actions/runs?";

    [Fact]
    [Walks(
        "QueueRead Unknown NotReadYet", "QueueRead True Read", "QueueRead False Unreachable",
        "QueueRead False RateLimited", "QueueRead False Stale", "Ready True Serving")]
    public async Task OfReadingItSaysHowItGoes()
    {
        var clock = new AheadTime();
        await using var box = await ControllerBox.OpenAsync(new() { Time = clock });
        box.Faults.Plan = new() { Standing = [new(Runs, RestFault.Hang)] };
        await box.StartAsync();
        await box.UntilAsync("QueueRead", "Unknown", "NotReadYet");
        box.Faults.Plan = FaultPlan.None;
        await box.UntilAsync("QueueRead", "True", "Read");
        await box.UntilAsync("Ready", "True", "Serving");

        box.Faults.Plan = new() { Standing = [new(Runs, RestFault.Hang)] };
        clock.Ahead = TimeSpan.FromMinutes(11);
        await box.UntilAsync("QueueRead", "False", "Stale");
        box.Faults.Plan = FaultPlan.None;
        await box.UntilAsync("QueueRead", "True", "Read");

        box.Faults.Plan = new() { Standing = [new(Runs, RestFault.ServerError)] };
        await box.UntilAsync("QueueRead", "False", "Unreachable");
        box.Faults.Plan = FaultPlan.None;
        await box.UntilAsync("QueueRead", "True", "Read");

        box.Faults.Plan = new()
        {
            Standing = [new(Runs, RestFault.Throttled)],
            RetryAfter = TimeSpan.FromSeconds(15),
        };
        await box.UntilAsync("QueueRead", "False", "RateLimited");
        box.Faults.Plan = FaultPlan.None;
        await box.UntilAsync("QueueRead", "True", "Read");
        Walk.AssertDone(box);
    }

    [Fact]
    [Walks("QueueRead False SessionHeld", "QueueRead False RegistrationRefused", "QueueRead False RunnerGroupNotFound")]
    public async Task OfAScaleSetItSaysWhoListensAndWhatIsWrong()
    {
        await using var box = await ControllerBox.OpenAsync(new()
        {
            Pool = new() { MaxRunners = 5, Standby = 0, Builder = "None", IdleSeconds = 10, UsesScaleSet = true },
        });
        var set = box.Organization.AddScaleSet(GitHubBox.Owner, new(ClusterBox.PoolName, Labels: ["self-hosted"]));
        var other = box.Organization.OpenSetSession(GitHubBox.Owner, set.Id, "arc-7d9-listener");
        await box.StartAsync();
        var held = await box.UntilAsync("QueueRead", "False", "SessionHeld");
        Assert.Contains("arc-7d9-listener", $"{held["message"]}", StringComparison.Ordinal);
        box.Organization.CloseSetSession(GitHubBox.Owner, set.Id, other.Session.Id);
        await box.UntilAsync("QueueRead", "True", "Read");

        box.Faults.Plan = new() { Standing = [new("/runnerscalesets", RestFault.Invalid)] };
        await ServeAsync(box, new JsonObject { ["scaleSetName"] = "other" });
        await box.UntilAsync("QueueRead", "False", "RegistrationRefused");
        box.Faults.Plan = FaultPlan.None;
        await box.UntilAsync("QueueRead", "True", "Read");

        await ServeAsync(box, new JsonObject { ["runnerGroup"] = "nightly" });
        await box.UntilAsync("QueueRead", "False", "RunnerGroupNotFound");
        await ServeAsync(box, []);
        await box.UntilAsync("QueueRead", "True", "Read");
        await box.UntilAsync("Ready", "True", "Serving");
        Walk.AssertDone(box);
    }

    private static Task ServeAsync(ControllerBox box, JsonObject entry)
    {
        entry["url"] = box.GitHub.OrganizationUrl;
        return box.EditAsync(new JsonObject
        {
            ["github"] = new JsonObject { ["serves"] = new JsonArray(entry) },
        });
    }

    [Fact]
    [Walks("QueueRead False ReadingPaused")]
    public async Task OfTheLimitItLeavesAPart()
    {
        await using var box = await ControllerBox.OpenAsync(new()
        {
            Limits = new() { CorePerHour = 60 },
            Options = new() { ["GitHub:ReadShare"] = "0.1" },
        });
        // What has not changed is free to read: runs are news, each with a list of its jobs.
        for (var i = 0; i < 8; i++)
            box.Queue();
        await box.StartAsync();
        await box.UntilAsync("QueueRead", "False", "ReadingPaused");
        Walk.AssertDone(box);
    }

    [Fact]
    [Walks("BudgetLow True UsedTooFast")]
    public async Task OfTheLimitItSaysThatItIsUsedTooFast()
    {
        await using var box = await ControllerBox.OpenAsync(new()
        {
            Limits = new() { CorePerHour = 60 },
            Options = new() { ["GitHub:ReadShare"] = "0.1" },
        });
        await box.StartAsync();
        var low = await box.UntilAsync("BudgetLow", "True", "UsedTooFast");
        Assert.Contains("60 requests an hour", $"{low["message"]}", StringComparison.Ordinal);
        await box.HoldsAsync("it is told by an Event", () => box.HasEvent("UsedTooFast"));
        Walk.AssertDone(box);
    }

    [Fact]
    [Walks(
        "AtCapacity False SlotsFree", "AtCapacity True PoolFull", "JobsUnmatched False AllMatched",
        "JobsUnmatched True NoPoolMatches", "RightsMissing False NothingRefused", "SlotsResting False AllUsable",
        "BudgetLow False Lasts")]
    public async Task OfJobsItSaysWhichWaitInVain()
    {
        await using var box = await ControllerBox.OpenAsync();
        await box.StartReadyAsync();
        await box.UntilAsync("AtCapacity", "False", "SlotsFree");
        await box.UntilAsync("JobsUnmatched", "False", "AllMatched");
        await box.UntilAsync("RightsMissing", "False", "NothingRefused");
        await box.UntilAsync("SlotsResting", "False", "AllUsable");
        await box.UntilAsync("BudgetLow", "False", "Lasts");

        await box.EditAsync(new JsonObject { ["limits"] = new JsonObject { ["maxRunners"] = 1 } });
        box.Queue(seconds: 3, jobs: 3);
        await box.UntilAsync("AtCapacity", "True", "PoolFull");
        await box.UntilAsync("AtCapacity", "False", "SlotsFree");

        var run = box.Queue(labels: ["self-hosted", "linux-arm64"]);
        var unmatched = await box.UntilAsync("JobsUnmatched", "True", "NoPoolMatches");
        Assert.Contains("linux-arm64", $"{unmatched["message"]}", StringComparison.Ordinal);
        box.Organization.CancelRun(run.Id);
        await box.UntilAsync("JobsUnmatched", "False", "AllMatched");
        Walk.AssertDone(box);
    }

    [Fact]
    [Walks("JobsUnassigned True NotAssigned", "JobsUnassigned False AllAssigned")]
    public async Task OfAClosedGroupItSaysThatItsRunnersGetNoJobs()
    {
        await using var box = await ControllerBox.OpenAsync();
        await box.EditAsync(new JsonObject { ["deadlines"] = new JsonObject { ["assign"] = "2s", ["idle"] = "60s" } });
        RunnerGroup Open(GroupVisibility to) => box.Organization.ChangeRunnerGroup(
            GitHubBox.Owner, "Default", group => group with { Visibility = to });
        Open(GroupVisibility.Selected);
        await box.StartReadyAsync();
        await box.UntilAsync("JobsUnassigned", "False", "AllAssigned");
        box.Queue();
        var unassigned = await box.UntilAsync("JobsUnassigned", "True", "NotAssigned");
        Assert.Contains("acme/app", $"{unassigned["message"]}", StringComparison.Ordinal);
        Open(GroupVisibility.All);
        await box.HoldsAsync("the job ends", () => box.Organization.Statistics().CompletedTotal == 1);
        await box.UntilAsync("JobsUnassigned", "False", "AllAssigned");
        Walk.AssertDone(box);
    }

    [Fact]
    [Walks(
        "JobsUnmatched True ForksRefused", "DeployExposed True ForkJobs", "DeployExposed True PublicRepository",
        "DeployExposed False NoForks", "BuilderSelected True Shared", "BuilderSelected True None")]
    public async Task OfForksItSaysWhatTheyMayReach()
    {
        await using var box = await ControllerBox.OpenAsync();
        await box.StartReadyAsync();
        await box.UntilAsync("BuilderSelected", "True", "None");
        await box.EditAsync(new JsonObject { ["deploy"] = new JsonObject { ["serviceAccountName"] = "deployer" } });
        await box.UntilAsync("DeployExposed", "False", "NoForks");
        box.Organization.AddRepository($"{GitHubBox.Owner}/open", isPrivate: false);
        await box.UntilAsync("DeployExposed", "True", "PublicRepository");

        await box.EditAsync(new JsonObject
        {
            ["builder"] = new JsonObject
            {
                ["mode"] = "Shared",
                ["shared"] = new JsonObject
                {
                    ["addresses"] = new JsonArray("tcp://buildkitd.builds:1234"),
                    ["tlsSecret"] = "buildkit-client",
                },
            },
        });
        await box.UntilAsync("BuilderSelected", "True", "Shared");
        box.QueueFork();
        await box.UntilAsync("JobsUnmatched", "True", "ForksRefused");
        await box.EditAsync(new JsonObject
        {
            ["builder"] = new JsonObject { ["shared"] = new JsonObject { ["forks"] = "Allow" } },
        });
        await box.UntilAsync("DeployExposed", "True", "ForkJobs");
        Walk.AssertDone(box);
    }
}
