using RunnerScaler.Scaling.Runners;


namespace RunnerScaler.Tests.Scaling;

public sealed class RunnerOutcomeTests
{
    [Theory]
    [InlineData("a job was seen", 137, null, "RanJob", "Had", false, false)]
    [InlineData("busy", 137, null, "RanJob", "Had", false, false)]
    [InlineData("granted", 0, true, "RanJob", "Had", false, false)]
    [InlineData("granted", 137, null, "Failed", "Open", false, true)]
    [InlineData("granted", 1, false, "Failed", "Open", false, true)]
    [InlineData("granted", 0, null, "NoJob", "Open", false, true)]
    [InlineData("given back", 0, false, "NoJob", "None", false, false)]
    [InlineData("given back", 1, false, "Failed", "None", true, false)]
    [InlineData("dismissed", 0, null, "Retired", "None", false, false)]
    [InlineData("dismissed", 143, null, "Retired", "None", false, false)]
    [InlineData("dropped", 0, false, "NoJob", "None", false, false)]
    [InlineData("standby", 0, false, "NoJob", "None", false, false)]
    [InlineData("standby", 0, null, "NoJob", "None", false, false)]
    [InlineData("short", 0, null, "NoJob", "None", true, false)]
    [InlineData("short", 1, null, "Failed", "None", true, false)]
    [InlineData("late", 1, null, "StartDeadline", "None", true, false)]
    public void EveryEndHasItsOutcome(
        string state, int code, bool? says, string kind, string proof, bool isFailure, bool isOpen)
    {
        var outcome = In(state, Given.Ended(0, code, code == 0 ? "Completed" : "Error", says));
        Assert.Equal(
            (kind, proof, isFailure, isOpen),
            (outcome.Kind.ToString(), outcome.Job.ToString(), outcome.IsFailure, outcome.IsOpen));
    }

    [Theory]
    [InlineData("Evicted", true, "Evicted")]
    [InlineData("NodeShutdown", true, "Evicted")]
    [InlineData("Terminated", true, "Evicted")]
    [InlineData("DeadlineExceeded", true, "Evicted")]
    [InlineData("AWordOfTomorrow", true, "Evicted")]
    [InlineData("NodeLost", true, "Lost")]
    [InlineData("Evicted", false, "Rejected")]
    [InlineData("OutOfcpu", false, "Rejected")]
    [InlineData("OutOfpods", false, "Rejected")]
    [InlineData("NodeAffinity", false, "Rejected")]
    [InlineData("UnexpectedAdmissionError", false, "Rejected")]
    [InlineData("TopologyAffinityError", false, "Rejected")]
    [InlineData("AWordOfTomorrow", false, "Rejected")]
    public void WhateverTheClusterCallsItIsNoFailureOfThePool(string reason, bool ran, string kind)
    {
        var pod = Given.Ended(0, ran ? 137 : null, reason);
        var outcome = In("short", ran ? pod : pod with { StartedAt = null, Exit = pod.Exit! with { NeverRan = true } });
        Assert.Equal((kind, false), (outcome.Kind.ToString(), outcome.IsFailure));
    }

    [Theory]
    [InlineData("Deleted", "Failed", "None", true)]
    [InlineData("Gone", "RanJob", "Had", false)]
    [InlineData("Busy", "RanJob", "Had", false)]
    [InlineData("Unknown", "Failed", "Open", false)]
    public void GitHubSaysWhetherItHadAJob(string answer, string kind, string proof, bool isFailure)
    {
        var outcome = In("granted", Given.Ended(0, 137, "Error")).After(Enum.Parse<Deletion>(answer));
        Assert.Equal(
            (kind, proof, isFailure), (outcome.Kind.ToString(), outcome.Job.ToString(), outcome.IsFailure));
    }

    [Fact]
    public void APodThatIsGoneUnseenIsLostUnlessWeRemovedIt()
    {
        Assert.Equal(OutcomeKind.Lost, In("standby", Given.Pod(0)).Kind);
        Assert.Equal(OutcomeKind.Retired, In("dismissed", Given.Pod(0)).Kind);
    }

    private static RunnerOutcome In(string state, PodFacts pod)
    {
        var identity = state is "granted" or "given back" or "dropped" or "a job was seen" or "busy";
        var note = state switch
        {
            "a job was seen" => new RunnerNote { JobSeen = true },
            "busy" => new RunnerNote { BusySince = Given.Now },
            "given back" => new RunnerNote { GivenBack = true, Deregistered = true },
            "dismissed" => new RunnerNote { Dismissed = OutcomeKind.Retired },
            "dropped" => new RunnerNote { Retiring = OutcomeKind.NoJob, GivenBack = true },
            "late" => new RunnerNote { Retiring = OutcomeKind.StartDeadline },
            _ => RunnerNote.None,
        };
        if (state == "short")
            pod = pod with { StartedAt = Given.Now.AddSeconds(-2) };
        return RunnerOutcome.Of(
            Given.Runner((pod with { ClaimAnnotation = identity ? Given.AnnotationOf(Given.Grant(0)) : null }, note)),
                pod);
    }
}
