/** Complete programs in Java 17 or newer, run as they are with `java File.java`, without libraries. */
import type { Examples } from './program-kinds.ts';

export const JAVA: Examples = {
  'webhook-worker': ({ url }) => `import com.sun.net.httpserver.HttpServer;
import java.net.*;
import java.net.http.*;
import java.util.concurrent.*;

public class Worker {
  static final String MASTER = "${url}";
  static final int PORT = 6000;
  static volatile String id = "", state = "idle";

  static void post(String url, String json) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(url)).header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(json)).build();
    var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    System.out.println(answer.statusCode() + " " + answer.body());
  }

  static void work(String task) {
    try {
      String of = task.replaceAll(".*\\"id\\":\\"([^\\"]+)\\".*", "$1");
      String payload = task.replaceAll(".*\\"payload\\":\\"([^\\"]+)\\".*", "$1");
      post(MASTER + "/complete-task/" + of, "{\\"result\\":\\"computed " + payload + "\\"}");
    } catch (Exception error) {
      error.printStackTrace();
    }
    state = "idle";
  }

  public static void main(String[] args) throws Exception {
    var pool = Executors.newCachedThreadPool();
    var server = HttpServer.create(new InetSocketAddress(PORT), 0);
    server.setExecutor(pool);
    server.createContext("/", exchange -> {
      String path = exchange.getRequestURI().getPath();
      String body = new String(exchange.getRequestBody().readAllBytes());
      int status = 200;
      String answer = "{\\"status\\":\\"healthy\\",\\"state\\":\\"" + state + "\\",\\"id\\":\\"" + id + "\\"}";
      if (path.startsWith("/register-slave-api/")) id = path.substring("/register-slave-api/".length());
      else if (path.equals("/status/" + id)) answer = "{\\"id\\":\\"" + id + "\\",\\"status\\":\\"" + state + "\\"}";
      else if (path.equals("/receive-task") && state.equals("busy")) status = 503;
      else if (path.equals("/receive-task")) {
        state = "busy";
        pool.submit(() -> work(body));
      } else if (!path.equals("/health")) status = 400;
      exchange.sendResponseHeaders(status, answer.length());
      exchange.getResponseBody().write(answer.getBytes());
      exchange.close();
    });
    server.start();
    post(MASTER + "/register-slave", "{\\"webhook_url\\":\\"http://localhost:" + PORT + "\\"}");
  }
}
`,
  'pulling-worker': ({ url }) => `import java.net.URI;
import java.net.http.*;

public class Puller {
  static HttpResponse<String> post(String path, String json) throws Exception {
    var request = HttpRequest.newBuilder(URI.create("${url}" + path))
        .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(json)).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }

  public static void main(String[] args) throws Exception {
    while (true) {
      var answer = post("/send_task", "{\\"nom_worker\\":\\"w1\\"}");
      if (answer.statusCode() != 200) { // 202: nothing to do
        Thread.sleep(3000);
        continue;
      }
      String task = answer.body(); // {"id":7,"fruit":"mango","execution_time":12}
      Thread.sleep(1000 * Long.parseLong(task.replaceAll(".*\\"execution_time\\":(\\\\d+).*", "$1")));
      String named = task.replaceFirst("}$", ",\\"nom_worker\\":\\"w1\\"}");
      post("/result", "{\\"task\\":" + named + ",\\"result\\":\\"prepared\\"}");
      System.out.println(named);
    }
  }
}
`,
  'socket-client': ({ host, port }) => `import java.net.Socket;

public class Client {
  public static void main(String[] args) throws Exception {
    try (var connection = new Socket("${host}", ${port})) {
      var in = connection.getInputStream();
      var out = connection.getOutputStream();
      byte[] bytes = new byte[1024];
      System.out.println(new String(bytes, 0, in.read(bytes))); // Hola, este es el servidor
      out.write("Cliente".getBytes());
      for (int n = 1; n <= 3; n++) {
        out.write(("message " + n).getBytes());
        System.out.println("stored at " + new String(bytes, 0, in.read(bytes)));
      }
      out.write("salir".getBytes());
    }
  }
}
`,
  'socket-datanode': ({ host, port }) => `import java.io.FileOutputStream;
import java.net.Socket;

public class Datanode {
  public static void main(String[] args) throws Exception {
    var connection = new Socket("${host}", ${port});
    var in = connection.getInputStream();
    var out = connection.getOutputStream();
    byte[] bytes = new byte[2048];
    System.out.println(new String(bytes, 0, in.read(bytes))); // Hola, este es el servidor
    out.write("Datanode".getBytes());
    var alive = new Thread(() -> {
      try {
        while (true) {
          Thread.sleep(4000);
          out.write("Alive".getBytes());
        }
      } catch (Exception ended) {
        System.exit(1);
      }
    });
    alive.start();
    try (var file = new FileOutputStream("datanode.txt", true)) {
      for (int n; (n = in.read(bytes)) > 0; ) {
        file.write(bytes, 0, n);
        file.write('\\n');
      }
    }
  }
}
`,
  'calculator-client': ({ url }) => `import java.net.URI;
import java.net.http.*;

public class Client {
  public static void main(String[] args) throws Exception {
    var request = HttpRequest.newBuilder(URI.create("${url}/submit-task?wait=5s"))
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString("{\\"payload\\":\\"4 * (2 + 3)\\"}")).build();
    var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    System.out.println(answer.statusCode() + " " + answer.body());
  }
}
`,
  'line-client': ({ host, port }) => `import java.io.*;
import java.net.Socket;

public class Lines {
  public static void main(String[] args) throws Exception {
    try (var connection = new Socket("${host}", ${port})) {
      var in = new BufferedReader(new InputStreamReader(connection.getInputStream()));
      var out = connection.getOutputStream();
      for (int n = 0; n < 1000; n++) {
        out.write((n + " * 2\\n").getBytes());
        System.out.println(in.readLine()); // result, worker, milliseconds
      }
      out.write("quit\\n".getBytes());
    }
  }
}
`,
};
