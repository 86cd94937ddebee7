using CsCheck;
using RunnerScaler.GitHub.Http;

namespace RunnerScaler.Tests.GitHub;

public sealed class AnswerCacheTests
{
    [Fact]
    public void TheOneUsedLongestAgoGoesFirst()
    {
        var cache = new AnswerCache(2, 1000);
        cache.Keep("a", Answer(1));
        cache.Keep("b", Answer(1));
        Assert.NotNull(cache.Find("a"));
        cache.Keep("c", Answer(1));

        Assert.NotNull(cache.Find("a"));
        Assert.Null(cache.Find("b"));
        Assert.NotNull(cache.Find("c"));
    }

    [Fact]
    public void ABodyLargerThanAllIsNotKept()
    {
        var cache = new AnswerCache(2, 10);
        cache.Keep("a", Answer(5));
        cache.Keep("a", Answer(11));

        Assert.Null(cache.Find("a"));
        Assert.Equal(0, cache.Bytes);
    }

    [Fact]
    public void BoundsHoldAndTheLastOneKeptIsFound() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[0, 30]).Array[0, 300].Sample(steps =>
        {
            var cache = new AnswerCache(8, 100);
            foreach (var (key, size) in steps)
            {
                cache.Keep($"{key}", Answer(size));
                if (cache.Count > 8 || cache.Bytes > 100 || cache.Find($"{key}")?.Body.Length != size)
                    return false;
            }
            var bytes = Enumerable.Range(1, 20).Sum(k => cache.Find($"{k}")?.Body.Length ?? 0);
            return bytes == cache.Bytes;
        });

    private static KeptAnswer Answer(int size) =>
        new(new byte[size], "application/json", "\"t\"", "", false, new ParsedBody());
}
