using System.Text.Json;
using RunnerScaler.Sandbox.GitHub.Rest;

namespace RunnerScaler.Bench.Queue;

/// <summary>
/// Reads the queue as one does who has nothing but the lists: of each repository, the queued runs and those in
/// progress, and of each of these its jobs. So does KEDA's GitHub scaler. All at once, so that it is done in time.
/// </summary>
internal sealed class PlainPoll(QueueWorld world, TimeSpan period) : IDisposable
{
    private static readonly string[] Statuses = ["queued", "in_progress"];

    private readonly HttpClient http = new(world.Traffic, disposeHandler: false)
    {
        BaseAddress = new Uri($"{QueueWorld.Server}{RestApi.Root}/"),
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public void Run()
    {
        world.GitHub.AddUser("robot");
        var token = world.GitHub.Credentials.AddPersonalToken("robot", ["repo", "admin:org"], QueueWorld.Owner);
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        string[] names = [.. world.GitHub.RepositoriesOf(QueueWorld.Owner).Select(r => r.FullName)];
        while (!world.IsOver)
        {
            var next = world.Time.Elapsed + period;
            world.Time.Await(ReadAsync(names), TimeSpan.FromHours(1));
            world.Time.RunUntil(next);
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<object> ReadAsync(string[] names)
    {
        await Task.WhenAll(names.Select(ReadAsync));
        return names;
    }

    private async Task ReadAsync(string name)
    {
        foreach (var status in Statuses)
            foreach (var run in await IdsAsync($"{Runs(name)}?status={status}&per_page=100", "workflow_runs"))
                foreach (var job in await IdsAsync($"{Runs(name)}/{run}/jobs?per_page=100", "jobs"))
                    world.Saw(job);
    }

    private static string Runs(string name) => $"repos/{name}/actions/runs";

    private async Task<long[]> IdsAsync(string path, string list)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        answer.EnsureSuccessStatusCode();
        using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
        return [.. json.RootElement.GetProperty(list).EnumerateArray().Select(e => e.GetProperty("id").GetInt64())];
    }
}
