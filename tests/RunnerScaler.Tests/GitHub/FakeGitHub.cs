using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace RunnerScaler.Tests.GitHub;

/// <summary>A small GitHub behind a message handler: repositories, runs, jobs, and what a test puts before.</summary>
internal sealed partial class FakeGitHub : HttpMessageHandler
{
    [ThreadStatic]
    private static int? next;

    public static readonly DateTimeOffset Start = new(2026, 9, 1, 8, 0, 0, TimeSpan.Zero);

    /// <summary>What was asked, as <c>GET /path?query</c>, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Answers before the model does; null leaves it to the model.</summary>
    public Func<HttpRequestMessage, string, HttpResponseMessage?> Intercept { get; set; } = (_, _) => null;

    /// <summary>Whether a request is never answered.</summary>
    public Func<string, bool> Hangs { get; set; } = _ => false;

    /// <summary>Entries of a page at most, whatever is asked for.</summary>
    public int LargestPage { get; set; } = 100;

    public List<FakeRepository> Repositories { get; } = [];

    public Dictionary<long, FakeRun> Runs { get; } = [];

    public FakeRun AddRun(string repository, long id, string status, params FakeJob[] jobs)
    {
        if (Repositories.All(r => r.Name != repository))
            Repositories.Add(new FakeRepository(repository));
        return Runs[id] = new FakeRun(repository, id) { Status = status, Jobs = [.. jobs] };
    }

    public static HttpResponseMessage Json(object body, HttpStatusCode status = HttpStatusCode.OK) => new(status)
    {
        Content = new StringContent(
            JsonSerializer.Serialize(body, JsonSerializerOptions.Default), Encoding.UTF8, "application/json"),
    };

    public static HttpResponseMessage Text(string json) => new(HttpStatusCode.OK)
    {
        Content = new StringContent(json, Encoding.UTF8, "application/json"),
    };

    public static HttpResponseMessage Refusal(HttpStatusCode status, string message = "no") =>
        Json(new { message }, status);

    public static HttpResponseMessage Html(HttpStatusCode status = HttpStatusCode.OK) => new(status)
    {
        Content = new StringContent("<html>proxy</html>", Encoding.UTF8, "text/html"),
    };

    /// <summary>What the model answers to a read of this path.</summary>
    public HttpResponseMessage Model(string path) => Answer(path);

    public int Count(string part) => Requests.Count(r => r.Contains(part, StringComparison.Ordinal));

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var path = request.RequestUri!.PathAndQuery;
        Requests.Enqueue($"{request.Method} {path}");
        if (Hangs(path))
            await NeverAsync(cancel);
        var answer = Intercept(request, path) ?? Link(Answer(path), request.RequestUri);
        answer.RequestMessage = request;
        return answer;
    }

    [GeneratedRegex(@"^/repos/acme/([^/]+)/actions/runs\?(?:status=([a-z_]+)&)?exclude_pull_requests=true&")]
    private static partial Regex RunList();

    [GeneratedRegex(@"^/repos/acme/[^/]+/actions/runs/(\d+)/jobs\?filter=latest&")]
    private static partial Regex JobList();

    [GeneratedRegex(@"^/repos/acme/[^/]+/actions/runs/(\d+)$")]
    private static partial Regex SingleRun();

    /// <summary>Ends where it is cancelled, without a hop to another thread that a test's clock would outrun.</summary>
    private static async Task NeverAsync(CancellationToken cancel)
    {
        var never = new TaskCompletionSource();
        await using var ended = cancel.UnsafeRegister(_ => never.TrySetCanceled(cancel), null);
        await never.Task;
    }

    private HttpResponseMessage Answer(string path)
    {
        if (path.StartsWith("/orgs/acme/repos?", StringComparison.Ordinal))
            return Json(Page(path, Repositories.Select(r => r.ToJson())));
        if (path.StartsWith("/installation/repositories?", StringComparison.Ordinal))
            return Json(new
            {
                total_count = Repositories.Count,
                repositories = Page(path, Repositories.Select(r => r.ToJson())),
            });
        if (RunList().Match(path) is { Success: true } list)
            return ListOfRuns(path, list.Groups[1].Value, list.Groups[2].Value);
        if (JobList().Match(path) is { Success: true } jobs)
            return Runs.TryGetValue(long.Parse(jobs.Groups[1].Value, null), out var run)
                ? Json(new { total_count = run.Jobs.Count, jobs = Page(path, run.Jobs.Select(j => j.ToJson(run))) })
                : Refusal(HttpStatusCode.NotFound);
        if (SingleRun().Match(path) is { Success: true } single)
            return Runs.TryGetValue(long.Parse(single.Groups[1].Value, null), out var known)
                ? Json(known.ToJson())
                : Refusal(HttpStatusCode.NotFound);
        return Refusal(HttpStatusCode.NotFound, "Not Found");
    }

    private HttpResponseMessage ListOfRuns(string path, string repository, string status)
    {
        if (Repositories.All(r => r.Name != repository))
            return Refusal(HttpStatusCode.NotFound, "Not Found");
        var all = Runs.Values
            .Where(r => r.Repository == repository)
            .Where(r => status.Length == 0 ? r.ListedAs is null : (r.ListedAs ?? r.Status) == status)
            .OrderByDescending(r => r.Id)
            .Select(r => r.ToJson())
            .ToArray();
        return Json(new { total_count = all.Length, workflow_runs = Page(path, all) });
    }

    private object[] Page(string path, IEnumerable<object> all)
    {
        var query = System.Web.HttpUtility.ParseQueryString(path[path.IndexOf('?', StringComparison.Ordinal)..]);
        var size = Math.Min(LargestPage, int.Parse(query["per_page"] ?? "30", null));
        var number = int.Parse(query["page"] ?? "1", null);
        object[] rest = [.. all.Skip(size * (number - 1))];
        next = rest.Length > size ? number + 1 : null;
        return rest[..Math.Min(size, rest.Length)];
    }

    /// <summary>Says where the list goes on that was answered last.</summary>
    private static HttpResponseMessage Link(HttpResponseMessage answer, Uri asked)
    {
        if (next is { } number)
        {
            var query = System.Web.HttpUtility.ParseQueryString(asked.Query);
            query["page"] = $"{number}";
            answer.Headers.TryAddWithoutValidation(
                "Link", $"<{asked.GetLeftPart(UriPartial.Path)}?{query}>; rel=\"next\"");
        }
        next = null;
        return answer;
    }
}

internal sealed record FakeRepository(string Name)
{
    public long? Id { get; set; }

    public bool Archived { get; set; }

    public bool Disabled { get; set; }

    public DateTimeOffset? PushedAt { get; set; }

    public object ToJson() => new
    {
        id = Id,
        name = Name,
        owner = new { login = "Acme" },
        archived = Archived,
        disabled = Disabled,
        pushed_at = PushedAt,
    };
}

internal sealed record FakeRun(string Repository, long Id)
{
    public required string? Status { get; set; }

    /// <summary>The list that it is in, when the index lags behind.</summary>
    public string? ListedAs { get; set; }

    public int Attempt { get; set; } = 1;

    public DateTimeOffset UpdatedAt { get; set; } = FakeGitHub.Start;

    public List<FakeJob> Jobs { get; set; } = [];

    public object ToJson() => new { id = Id, status = Status, run_attempt = Attempt, updated_at = UpdatedAt };
}

internal sealed record FakeJob(long Id, string? Status)
{
    public string[] Labels { get; set; } = ["self-hosted", "linux"];

    public DateTimeOffset CreatedAt { get; set; } = FakeGitHub.Start.AddMinutes(-2);

    public DateTimeOffset StartedAt { get; set; } = FakeGitHub.Start.AddMinutes(-1);

    public string? Runner { get; set; }

    public string? Conclusion { get; set; }

    public object ToJson(FakeRun run) => new
    {
        id = Id,
        run_id = run.Id,
        run_attempt = run.Attempt,
        status = Status,
        conclusion = Conclusion,
        created_at = CreatedAt,
        started_at = StartedAt,
        completed_at = Status == "completed" ? FakeGitHub.Start : (DateTimeOffset?)null,
        name = $"job {Id}",
        labels = Labels,
        runner_id = 0,
        runner_name = Runner,
    };
}
