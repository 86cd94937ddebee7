using System.Text.Json;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>GitHub's <c>workflow-run</c> and <c>job</c>.</summary>
internal static class RunJson
{
    /// <summary>Ids of forks are far from those of repositories.</summary>
    private const long ForksFrom = 500_000_000;

    public static void WriteRun(this Utf8JsonWriter json, Run run, Repository repository, Links links)
    {
        var workflowId = repository.Id % 100_000_000;
        json.WriteStartObject();
        json.WriteNumber("id", run.Id);
        json.WriteString("name", run.WorkflowName);
        json.WriteNodeId("WFR", run.Id);
        json.WriteString("head_branch", run.Branch);
        json.WriteString("head_sha", run.HeadSha);
        json.WriteString("path", run.WorkflowPath);
        json.WriteString("display_title", $"{run.WorkflowName} #{run.Number}");
        json.WriteNumber("run_number", run.Number);
        json.WriteString("event", run.Event);
        json.WriteString("status", run.Status.ToWire());
        json.WriteString("conclusion", run.Conclusion?.ToWire());
        json.WriteNumber("workflow_id", workflowId);
        json.WriteNumber("check_suite_id", run.Id * 2);
        json.WriteArray<string>("pull_requests", [], json.WriteStringValue);
        json.WriteTime("created_at", run.CreatedAt);
        json.WriteTime("updated_at", run.UpdatedAt);
        json.WriteTime("run_started_at", run.StartedAt);
        json.WriteNumber("run_attempt", run.Attempt);
        json.WriteArray<string>("referenced_workflows", [], json.WriteStringValue);
        WriteAddresses(json, run, repository, workflowId, links);
        json.WritePropertyName("actor");
        json.WriteAccount(repository.Owner, links);
        json.WritePropertyName("triggering_actor");
        json.WriteAccount(repository.Owner, links);
        WriteCommit(json, run);
        json.WritePropertyName("repository");
        json.WriteShortRepository(repository, links);
        json.WritePropertyName("head_repository");
        json.WriteShortRepository(run.IsOfFork ? ForkOf(repository) : repository, links);
        json.WriteEndObject();
    }

    private static Repository ForkOf(Repository repository) => repository with { Id = repository.Id + ForksFrom };

    public static void WriteJob(this Utf8JsonWriter json, Job job, Run run, Repository repository, Links links)
    {
        json.WriteStartObject();
        json.WriteNumber("id", job.Id);
        json.WriteNumber("run_id", job.RunId);
        json.WriteString("workflow_name", run.WorkflowName);
        json.WriteString("head_branch", run.Branch);
        json.WriteString("run_url", links.Run(repository, run.Id));
        json.WriteNumber("run_attempt", job.Attempt);
        json.WriteNodeId("CR", job.Id);
        json.WriteString("head_sha", run.HeadSha);
        json.WriteString("url", $"{links.Repository(repository)}/actions/jobs/{job.Id}");
        json.WriteString("html_url", $"{links.RunPage(repository, run.Id)}/job/{job.Id}");
        json.WriteString("status", job.Status.ToWire());
        json.WriteString("conclusion", job.Conclusion?.ToWire());
        json.WriteTime("created_at", job.CreatedAt);
        json.WriteTime("started_at", job.StartedAt ?? job.CreatedAt);
        json.WriteTime("completed_at", job.CompletedAt);
        json.WriteString("name", job.Name);
        json.WriteArray<string>("steps", [], json.WriteStringValue);
        json.WriteString("check_run_url", $"{links.Repository(repository)}/check-runs/{job.Id}");
        json.WriteArray("labels", job.Labels, json.WriteStringValue);
        WriteRunner(json, job);
        json.WriteEndObject();
    }

    /// <summary>A job that ended without a runner says 0 and "" where one that still waits says null.</summary>
    private static void WriteRunner(Utf8JsonWriter json, Job job)
    {
        var runner = job.Runner ?? (job.Status == JobStatus.Completed ? new JobRunner(0, "", 0, "") : null);
        json.WritePropertyName("runner_id");
        WriteNumber(json, runner?.Id);
        json.WriteString("runner_name", runner?.Name);
        json.WritePropertyName("runner_group_id");
        WriteNumber(json, runner?.GroupId);
        json.WriteString("runner_group_name", runner?.GroupName);
    }

    private static void WriteNumber(Utf8JsonWriter json, long? number)
    {
        if (number is { } known) json.WriteNumberValue(known);
        else json.WriteNullValue();
    }

    private static void WriteAddresses(
        Utf8JsonWriter json, Run run, Repository repository, long workflowId, Links links)
    {
        var self = links.Run(repository, run.Id);
        json.WriteString("url", self);
        json.WriteString("html_url", links.RunPage(repository, run.Id));
        json.WriteString("jobs_url", $"{self}/jobs");
        json.WriteString("logs_url", $"{self}/logs");
        json.WriteString("check_suite_url", $"{links.Repository(repository)}/check-suites/{run.Id * 2}");
        json.WriteString("artifacts_url", $"{self}/artifacts");
        json.WriteString("cancel_url", $"{self}/cancel");
        json.WriteString("rerun_url", $"{self}/rerun");
        json.WriteString("previous_attempt_url", run.Attempt > 1 ? $"{self}/attempts/{run.Attempt - 1}" : null);
        json.WriteString("workflow_url", $"{links.Repository(repository)}/actions/workflows/{workflowId}");
    }

    private static void WriteCommit(Utf8JsonWriter json, Run run)
    {
        json.WriteStartObject("head_commit");
        json.WriteString("id", run.HeadSha);
        json.WriteString("tree_id", run.HeadSha);
        json.WriteString("message", $"Change {run.Number}");
        json.WriteTime("timestamp", run.CreatedAt);
        foreach (var person in (ReadOnlySpan<string>)["author", "committer"])
        {
            json.WriteStartObject(person);
            json.WriteString("name", "Sandbox");
            json.WriteString("email", "sandbox@example.invalid");
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
