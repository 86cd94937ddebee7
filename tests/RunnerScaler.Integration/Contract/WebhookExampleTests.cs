using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.GitHub.Queue;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Integration.Contract;

/// <summary>
/// A job in a webhook has the same fields as a job of the REST interface, so that one reader does for both, and
/// GitHub's example payloads, some of them years old, show how much may be missing.
/// </summary>
public sealed class WebhookExampleTests
{
    private static readonly RepositoryKey Repository = RepositoryKey.Of("https://github.com", "Acme", "App");
    private static readonly DateTimeOffset Now = new(2026, 9, 1, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("api.github.com", 8)]
    [InlineData("ghes-33", 1)]
    [InlineData("ghes-34", 1)]
    [InlineData("ghes-35", 1)]
    public void EveryExampleIsAJob(string edition, int count)
    {
        var examples = Packages.WebhookExamples(edition, "workflow_job");

        Assert.Equal(count, examples.Count);
        Assert.All(examples, example =>
        {
            var sent = example["workflow_job"]!;
            var job = Read(sent);
            Assert.Equal((long)sent["id"]!, job.Id);
            Assert.Equal((long)sent["run_id"]!, job.RunId);
            Assert.Equal((int?)sent["run_attempt"] ?? 1, job.RunAttempt);
            Assert.Equal(LabelSet.Of(sent["labels"]!.AsArray().Select(l => (string)l!)), job.Labels);
            Assert.Equal((string)sent["name"]!, job.Name);
        });
    }

    [Fact]
    public void TheStatusCountsAndNotTheAction()
    {
        var states = Examples()
            .Select(e => (Action: (string)e["action"]!, Status: (string)e["workflow_job"]!["status"]!, Read(e).State));

        Assert.Equal(
            [
                ("completed", "completed", JobState.Completed),
                ("in_progress", "in_progress", JobState.Running),
                ("queued", "queued", JobState.Queued),
                ("queued", "waiting", JobState.Blocked),
                ("waiting", "waiting", JobState.Blocked),
            ],
            states.Distinct().OrderBy(s => $"{s.Action} {s.Status}", StringComparer.Ordinal));
    }

    [Fact]
    public void ARunningJobNamesItsRunnerAndWhenItBegan() => Assert.All(
        Examples().Select(Read).Where(j => j.State == JobState.Running),
        job =>
        {
            Assert.False(string.IsNullOrEmpty(job.RunnerName));
            Assert.NotNull(job.StartedAt);
            Assert.Null(job.Conclusion);
        });

    [Fact]
    public void ACompletedJobSaysHowItEndedAndWhen() => Assert.All(
        Examples().Select(Read).Where(j => j.State == JobState.Completed),
        job =>
        {
            Assert.False(string.IsNullOrEmpty(job.Conclusion));
            Assert.NotNull(job.CompletedAt);
        });

    /// <summary>
    /// The oldest example has no time of creation: the time of its start stands in, never the present.
    /// </summary>
    [Fact]
    public void NoExampleIsTakenForJustNow() => Assert.All(Examples().Select(Read), j => Assert.True(j.QueuedAt < Now));

    private static IReadOnlyList<JsonObject> Examples() => Packages.WebhookExamples("api.github.com", "workflow_job");

    private static Job Read(JsonObject example) => Read(example["workflow_job"]!);

    private static Job Read(JsonNode job) =>
        JobStates.ToJob(JobData.Read(JsonSerializer.SerializeToElement(job))!, Repository, Now);
}
