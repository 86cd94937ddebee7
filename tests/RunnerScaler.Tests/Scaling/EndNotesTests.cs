using RunnerScaler.Scaling.Runners;


namespace RunnerScaler.Tests.Scaling;

public sealed class EndNotesTests
{
    [Theory]
    [InlineData("RanJob", "The runner in 'linux-0' ran job 'job 1' of acme/app; it ended with Error, exit code 137.")]
    [InlineData("Retired", "No job needed the runner in 'linux-0', so it was removed.")]
    [InlineData("Evicted", "The pod 'linux-0' was ended from outside on node 'n1'")]
    [InlineData("Lost", "The pod 'linux-0' vanished on node 'n1'")]
    [InlineData("OutOfMemory", "The runner in 'linux-0' ran out of memory")]
    [InlineData("Rejected", "The node n1 did not take a pod of this pool")]
    [InlineData("NoJob", "The runner in 'linux-0' ended without having had a job")]
    [InlineData("StartDeadline", "The pod 'linux-0' did not become ready within spec.deadlines.start")]
    [InlineData("RegisterDeadline", "The runner in 'linux-0' did not connect to GitHub")]
    [InlineData("Failed", "The runner in 'linux-0' failed before it took a job")]
    public void EveryOutcomeHasItsSentence(string outcome, string sentence)
    {
        var pod = Given.Ended(0, 137, "Error") with { Node = "n1" };
        var runner = Given.Runner((pod, RunnerNote.None)) with { Job = Given.Job() };
        Assert.StartsWith(sentence, EndNotes.On(runner, Enum.Parse<OutcomeKind>(outcome)), StringComparison.Ordinal);
    }

    [Fact]
    public void OfARunnerThatRanOutOfMemoryTheLimitIsTold()
    {
        var runner = Given.Runner((Given.Ended(0, 137, "OOMKilled") with { MemoryLimit = "2Gi" }, RunnerNote.None));
        Assert.Equal(
            "The runner in 'linux-0' ran out of memory, of which it may use 2Gi; raise the memory limit in "
            + "spec.template.", EndNotes.On(runner, OutcomeKind.OutOfMemory));
    }

    [Fact]
    public void NoOutcomeIsLeftOut() => Assert.Equal(
        Enum.GetNames<OutcomeKind>().Length,
        typeof(EndNotesTests).GetMethod(nameof(EveryOutcomeHasItsSentence))!
            .GetCustomAttributes(typeof(InlineDataAttribute), false).Length);
}
