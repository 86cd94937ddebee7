using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Integration.Node;

/// <summary>
/// A runner's side of GitHub over HTTP, for runner programs outside this process: the sandbox's own, because GitHub's
/// is not public. It speaks plain text, so that a shell script can be a runner.
/// </summary>
/// <remarks>
/// <c>POST /sandbox/sessions</c> with the JIT config as body: 201 and the session's secret name, or 404: it must end.
/// <c>POST /sandbox/sessions/NAME/take</c>: 200 and <c>JOB-ID SECONDS CONCLUSION REPOSITORY NAME</c> when it was given
/// a job, 204 after a while without one. <c>GET /sandbox/sessions/NAME</c>: 200 and a word of
/// <see cref="SessionState"/>. <c>POST /sandbox/sessions/NAME/complete</c> with the conclusion as body: 204, its job is
/// over. <c>DELETE /sandbox/sessions/NAME</c>: 204, it said goodbye. All answer 410 when the session is over: the
/// runner must end. One that is not heard of for <see cref="Silence"/> is taken for dead.
/// </remarks>
internal sealed class SessionEndpoint(Organization organization, TimeProvider time) : IDisposable
{
    public const string Path = "/sandbox/sessions";

    /// <summary>A runner asks at least this often.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private readonly ConcurrentDictionary<string, OpenSession> callers = [];

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(Path, ConnectAsync);
        endpoints.MapPost($"{Path}/{{name}}/take", http => WithAsync(http, caller => TakeAsync(http, caller)));
        endpoints.MapGet($"{Path}/{{name}}", http => WithAsync(http, caller => StateAsync(http, caller)));
        endpoints.MapPost($"{Path}/{{name}}/complete", http => WithAsync(http, caller => CompleteAsync(http, caller)));
        endpoints.MapDelete($"{Path}/{{name}}", http => WithAsync(http, caller =>
        {
            organization.Disconnect(caller.Session, graceful: true);
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }));
    }

    public void Dispose()
    {
        foreach (var caller in callers.Values)
            caller.Death.Dispose();
    }

    private async Task ConnectAsync(HttpContext http)
    {
        if (organization.Connect((await BodyAsync(http)).Trim()) is not { } session)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        var name = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var death = time.CreateTimer(
            _ => organization.Disconnect(session), null, Silence, Timeout.InfiniteTimeSpan);
        callers[name] = new OpenSession(session, death);
        http.Response.StatusCode = StatusCodes.Status201Created;
        await http.Response.WriteAsync(name);
    }

    private async Task WithAsync(HttpContext http, Func<OpenSession, Task> answer)
    {
        if (!callers.TryGetValue((string)http.Request.RouteValues["name"]!, out var caller)
            || organization.StateOf(caller.Session) == SessionState.Gone)
        {
            http.Response.StatusCode = StatusCodes.Status410Gone;
            return;
        }
        caller.Death.Change(Silence, Timeout.InfiniteTimeSpan);
        await answer(caller);
    }

    private async Task TakeAsync(HttpContext http, OpenSession caller)
    {
        var began = time.GetTimestamp();
        do
        {
            if (organization.TryTake(caller.Session) is { } job)
            {
                var repository = organization.RepositoryOf(job).FullName;
                var seconds = job.Duration.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
                await http.Response.WriteAsync(
                    $"{job.Id} {seconds} {job.EndsAs.ToWire()} {repository} {job.Name}", http.RequestAborted);
                return;
            }
            await Task.Delay(Interval, time, http.RequestAborted);
        }
        while (organization.StateOf(caller.Session) != SessionState.Gone && time.GetElapsedTime(began) < Hold);
        http.Response.StatusCode = organization.StateOf(caller.Session) == SessionState.Gone
            ? StatusCodes.Status410Gone
            : StatusCodes.Status204NoContent;
    }

    private Task StateAsync(HttpContext http, OpenSession caller) =>
        http.Response.WriteAsync($"{organization.StateOf(caller.Session)}", http.RequestAborted);

    private async Task CompleteAsync(HttpContext http, OpenSession caller)
    {
        var word = (await BodyAsync(http)).Trim();
        var conclusion = Enum.GetValues<JobConclusion>().Cast<JobConclusion?>()
            .FirstOrDefault(c => c!.Value.ToWire() == word);
        if (conclusion is null)
            http.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        else
            http.Response.StatusCode = organization.Complete(caller.Session, conclusion.Value)
                ? StatusCodes.Status204NoContent
                : StatusCodes.Status410Gone;
    }

    private static async Task<string> BodyAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        return await reader.ReadToEndAsync(http.RequestAborted);
    }

    /// <param name="Death">Fires when nothing was heard for too long.</param>
    private sealed record OpenSession(RunnerSession Session, ITimer Death);
}
