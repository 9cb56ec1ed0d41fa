import com.github.myzhan.locust4j.AbstractTask;
import com.github.myzhan.locust4j.Locust;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;

/** A Locust4j worker that sends GET requests to a target; arguments: the master's port and the target's URL. */
public class Peer {
    public static void main(String[] arguments) {
        Locust locust = Locust.getInstance();
        locust.setMasterHost("127.0.0.1");
        locust.setMasterPort(Integer.parseInt(arguments[0]));
        locust.run(new Get(arguments[1] + "/slow"));
    }

    static class Get extends AbstractTask {
        private final String url;

        Get(String url) {
            this.url = url;
        }

        @Override
        public int getWeight() {
            return 1;
        }

        @Override
        public String getName() {
            return "get";
        }

        @Override
        public void execute() throws Exception {
            long started = System.currentTimeMillis();
            HttpURLConnection connection = (HttpURLConnection) new URL(url).openConnection();
            try (InputStream body = connection.getInputStream()) {
                int length = body.readAllBytes().length;
                Locust.getInstance().recordSuccess("GET", "/locust4j", System.currentTimeMillis() - started, length);
            }
        }
    }
}
