using RunnerScaler.Sandbox.GitHub.Credentials;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>Workflow runs and jobs (https://docs.github.com/en/rest/actions/workflow-runs).</summary>
internal static class RunRoutes
{
    /// <summary>A filtered list shows no more than this.</summary>
    private const int MostFiltered = 1000;

    private const string Runs = "/repos/{owner}/{repo}/actions/runs";

    private static readonly string[] Unsupported = ["actor", "check_suite_id", "created"];

    private static readonly HashSet<string> Statuses =
    [
        .. Enum.GetValues<JobStatus>().Select(status => status.ToWire()),
        .. Enum.GetValues<JobConclusion>().Select(conclusion => conclusion.ToWire()),
        "stale",
    ];

    public static void Add(ApiRoutes routes)
    {
        routes.Get(Runs, List);
        routes.Get($"{Runs}/{{run_id}}", Get);
        routes.Get($"{Runs}/{{run_id}}/jobs", ListJobs);
        routes.Get($"{Runs}/{{run_id}}/attempts/{{attempt}}/jobs", ListJobsOfAttempt);
        routes.Get("/repos/{owner}/{repo}/actions/jobs/{job_id}", GetJob);
        routes.Post($"{Runs}/{{run_id}}/cancel", Cancel);
        routes.Post($"{Runs}/{{run_id}}/rerun", call => Rerun(call, failedOnly: false));
        routes.Post($"{Runs}/{{run_id}}/rerun-failed-jobs", call => Rerun(call, failedOnly: true));
    }

    private static ApiAnswer List(ApiCall call)
    {
        var repository = call.Repository(Permission.Actions, Permission.Read);
        if (Unsupported.FirstOrDefault(name => call.Query(name) is not null) is { } filter)
            throw new GitHubRefusal(422, $"The sandbox does not filter runs by '{filter}'.");
        var (status, trigger) = (call.Query("status"), call.Query("event"));
        var (branch, sha) = (call.Query("branch"), call.Query("head_sha"));
        if (status is not null && !Statuses.Contains(status))
            throw new GitHubRefusal(422, $"'{status}' is no status of a workflow run.");
        var runs = call.Organization.RunsOf(
            repository.FullName,
            run => (status is null || run.Status.ToWire() == status || run.Conclusion?.ToWire() == status)
                && (trigger is null || run.Event == trigger)
                && (branch is null || run.Branch == branch)
                && (sha is null || run.HeadSha == sha));
        var total = runs.Count;
        if ((status ?? trigger ?? branch ?? sha) is not null) runs = [.. runs.Take(MostFiltered)];
        return ApiRoutes.Page(
            call, "workflow_runs", runs, (json, run) => json.WriteRun(run, repository, call.Links), total);
    }

    private static ApiAnswer Get(ApiCall call)
    {
        var (repository, run) = Run(call, Permission.Read);
        return ApiAnswer.Ok(json => json.WriteRun(run, repository, call.Links));
    }

    private static ApiAnswer ListJobs(ApiCall call) => call.Query("filter") switch
    {
        null or "latest" => Jobs(call, attempt: null),
        "all" => Jobs(call, attempt: 0),
        var other => throw new GitHubRefusal(422, $"'{other}' is no filter of jobs; write latest or all."),
    };

    private static ApiAnswer ListJobsOfAttempt(ApiCall call) => call.Id("attempt") is > 0 and < int.MaxValue and var n
        ? Jobs(call, (int)n)
        : throw GitHubRefusal.NotFound();

    private static ApiAnswer Jobs(ApiCall call, int? attempt)
    {
        var (repository, run) = Run(call, Permission.Read);
        var jobs = call.Organization.JobsOf(run.Id, attempt);
        return ApiRoutes.Page(call, "jobs", jobs, (json, job) => json.WriteJob(job, run, repository, call.Links));
    }

    private static ApiAnswer GetJob(ApiCall call)
    {
        var repository = call.Repository(Permission.Actions, Permission.Read);
        if (call.Organization.FindJob(call.Id("job_id")) is not { } job || job.RepositoryId != repository.Id)
            throw GitHubRefusal.NotFound();
        var run = call.Organization.FindRun(job.RunId)!;
        return ApiAnswer.Ok(json => json.WriteJob(job, run, repository, call.Links));
    }

    private static ApiAnswer Cancel(ApiCall call)
    {
        call.Organization.CancelRun(Run(call, Permission.Write).Run.Id);
        return ApiAnswer.Empty(StatusCodes.Status202Accepted);
    }

    private static ApiAnswer Rerun(ApiCall call, bool failedOnly)
    {
        call.Organization.RerunRun(Run(call, Permission.Write).Run.Id, failedOnly);
        return ApiAnswer.Empty(StatusCodes.Status201Created);
    }

    private static (Repository Repository, Run Run) Run(ApiCall call, string level)
    {
        var repository = call.Repository(Permission.Actions, level);
        return call.Organization.FindRun(call.Id("run_id")) is { } run && run.RepositoryId == repository.Id
            ? (repository, run)
            : throw GitHubRefusal.NotFound();
    }
}
