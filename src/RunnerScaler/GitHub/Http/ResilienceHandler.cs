using Polly;
using Polly.Retry;
using RunnerScaler.GitHub.Responses;

namespace RunnerScaler.GitHub.Http;

/// <summary>
/// Tries failed reads again, a little later. Writes pass through once: a repeated registration would only be told that
/// the name exists. What GitHub wants us to wait for is left to the budget.
/// </summary>
internal sealed class ResilienceHandler(GitHubOptions options, TimeProvider time, Random random) : DelegatingHandler
{
    private readonly ResiliencePipeline<HttpResponseMessage> pipeline = Build(options, time, random);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        if ((request.Method != HttpMethod.Get && request.Method != HttpMethod.Head)
            || request.Options.TryGetValue(ExchangeHandler.Patience, out _))
            return await base.SendAsync(request, cancel);
        return await pipeline.ExecuteAsync(
            async (sent, token) => await base.SendAsync(sent, token), request, cancel);
    }

    private static ResiliencePipeline<HttpResponseMessage> Build(
        GitHubOptions options, TimeProvider time, Random random)
    {
        var builder = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time };
        if (options.ReadRetries > 0)
            builder.AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = options.ReadRetries,
                Delay = TimeSpan.FromMilliseconds(250),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Randomizer = () =>
                {
                    lock (random)
                        return random.NextDouble();
                },
                ShouldHandle = tried => ValueTask.FromResult(MayPass(tried.Outcome)),
            });
        return builder.Build();
    }

    private static bool MayPass(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Result: FailedResponse failed } => failed.Failure.Kind == FailureKind.Unreachable,
        { Result: { } answer } => (int)answer.StatusCode is 408 or >= 500 && answer.Headers.RetryAfter is null,
        _ => false,
    };
}
